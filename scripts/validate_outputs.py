"""Holds outputs against their formats and against their result: validate_outputs.py SARIF_SCHEMA FOLDER...

SARIF against the OASIS schema, CycloneDX against its own, GitLab Code Quality against the fields that its
documentation asks for; JUnit and CSV by the parsers of Python's standard library, the model card by that of
the Hugging Face Hub; the counts of all against result.json.
"""

import csv
import json
import sys
import xml.etree.ElementTree
from importlib.resources import files
from pathlib import Path

from huggingface_hub import ModelCard
from jsonschema import Draft7Validator
from referencing import Registry, Resource

GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]+$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^[^./][^/]*"},
                    "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}


def cyclonedx():
    """The schema of CycloneDX 1.7, and those that it refers to."""
    folder = files("cyclonedx.schema") / "_res"
    schemas = [json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text()) for name in ["bom-1.7", "spdx", "jsf-0.82", "cryptography-defs"]]
    return schemas[0], Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in schemas)


def errors(path, schema, registry=Registry()):
    found = Draft7Validator(schema, registry=registry).iter_errors(json.loads(path.read_text()))
    return [f"{path}: {error.json_path}: {error.message[:200]}" for error in found]


def counts(folder, result):
    """What each file holds, and what it should."""
    unmet = sum(check["outcome"] != "met" for check in result["checks"])
    sarif = json.loads((folder / "results.sarif").read_text())["runs"][0]
    gitlab = json.loads((folder / "codequality.json").read_text())
    junit = xml.etree.ElementTree.parse(folder / "junit.xml").getroot()
    cases = junit.findall("testsuite/testcase")
    with open(folder / "findings.csv", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    yield "SARIF rules", len(sarif["tool"]["driver"]["rules"]), len({check["id"] for check in result["checks"]})
    yield "SARIF results", len(sarif["results"]), unmet
    yield "GitLab issues", len(gitlab), unmet
    yield "GitLab fingerprints", len({issue["fingerprint"] for issue in gitlab}), unmet
    yield "JUnit cases", len(cases), len(result["checks"])
    yield "JUnit names", len({(case.get("classname"), case.get("name")) for case in cases}), len(cases)
    yield "JUnit tests", int(junit.get("tests")), len(cases)
    yield "JUnit failures", int(junit.get("failures")), len(junit.findall(".//failure"))
    yield "JUnit skipped", int(junit.get("skipped")), len(junit.findall(".//skipped"))
    yield "CSV findings", sum(row["kind"] == "finding" for row in rows), len(result["findings"])
    yield "CSV checks", sum(row["kind"] == "check" for row in rows), len(result["checks"])
    with open(folder / "counts.csv", newline="") as file:
        everyone = [int(row["n"]) for row in csv.DictReader(file, strict=True) if row["slice"] == "all"]
    yield "rows counted", sum(everyone), result["data"]["used"]
    card = ModelCard.load(folder / "model-card.md").data
    yield "model card's base", card.base_model, result["provenance"]["models"]["base"]["name"]
    yield "model card's numbers", len(card.eval_results), sum(one["model"] == "tuned" and "value" in one for one in result["values"])
    tuned = [finding["tuned"]["value"] for finding in result["findings"] if finding["tuned"]]
    read = [float(row["tuned"]) for row in rows if row["tuned"]]
    yield "CSV tuned gaps", sorted(read), sorted(tuned)


def main(schema, folders):
    schema = json.loads(Path(schema).read_text())
    Draft7Validator.check_schema(schema)
    wrong = []
    for folder in map(Path, folders):
        result = json.loads((folder / "result.json").read_text())
        wrong += errors(folder / "results.sarif", schema) + errors(folder / "codequality.json", GITLAB)
        wrong += errors(folder / "model.cdx.json", *cyclonedx())
        wrong += [f"{folder}: {what}: {is_}, not {should}" for what, is_, should in counts(folder, result) if is_ != should]
    print(*wrong, sep="\n")
    return bool(wrong)


sys.exit(main(sys.argv[1], sys.argv[2:]))
