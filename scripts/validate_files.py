"""Holds files against a committed JSON Schema: validate_files.py NAME FILE..., of a `.jsonl` every line."""

import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

name, *files = sys.argv[1:]
schema = json.loads((Path(__file__).parent.parent / "schema" / f"{name}.json").read_text())
Draft202012Validator.check_schema(schema)
wrong = 0
for path in files:
    text = Path(path).read_text()
    for part in text.splitlines() if path.endswith(".jsonl") else [text]:
        for error in Draft202012Validator(schema).iter_errors(json.loads(part)):
            wrong += 1
            print(f"{path}: {error.json_path}: {error.message[:200]}")
sys.exit(bool(wrong))
