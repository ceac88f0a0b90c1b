"""Runs the CI integrations as far as they go without their servers: the YAML is read, its shell steps are run.

Usage: test_integrations.py HEIRLOOM [WHEEL], the binary, and a wheel for the steps that install one; PyYAML must be there.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
CI = ROOT / "integrations/ci"

AUDIT = """schema = 1
name = "small"
models.base.scores = "b"
models.tuned.scores = "t"
data.path = "eval.csv"
data.label = "y"
data.positive = 1
groups.sex.column = "sex"

[[check]]
id = "holds"
metric = "selection_rate"
on = "tuned"
max_abs = {limit}
"""

# An audit file's limit on a gap of 30 points, and the exit code that comes of it.
OUTCOMES = {"0.9": (0, "met"), "0.01": (1, "failed"), "0.3": (4, "evidence-gap"), '"x"': (2, "problem")}


def folder_with(limit):
    """A folder with a small audit whose tuned gap is 30 points."""
    folder = Path(tempfile.mkdtemp(prefix="heirloom-ci-"))
    (folder / "audit.toml").write_text(AUDIT.format(limit=limit))
    rows = ["y,sex,b,t"]
    for row in range(400):
        sex = "F" if row % 2 else "M"
        selected = (row // 2) % 10 < (3 if sex == "F" else 6)
        rows.append(f"{row % 3 % 2},{sex},0.{4 + row % 2},{0.9 if selected else 0.1}")
    (folder / "eval.csv").write_text("\n".join(rows) + "\n")
    return folder


def shell(script, folder, heirloom, **more):
    """Runs a step as a CI server would: bash that stops at the first failure, heirloom on PATH."""
    keep = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    path = f"{heirloom.parent}:{os.environ['PATH']}"
    environment = keep | {"PATH": path, "SOURCE_DATE_EPOCH": "1795435200"} | more
    run = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(run, cwd=folder, env=environment, capture_output=True, text=True)


def github(heirloom):
    """The steps of the composite action, with the expressions that it uses."""
    action = yaml.safe_load((CI / "github/action.yml").read_text())
    assert action["runs"]["using"] == "composite"
    steps = {step["name"]: step for step in action["runs"]["steps"]}
    assert all("shell" in step for step in steps.values() if "run" in step), "a composite step names its shell"
    defaults = {name: one["default"] for name, one in action["inputs"].items()}
    for limit, (code, outcome) in OUTCOMES.items():
        for gap in ("fail", "warn"):
            folder = folder_with(limit)
            inputs = defaults | {"install": "", "evidence-gap": gap}
            outputs = {}
            files = {name: folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")}
            for file in files.values():
                file.touch()
            server = {name: str(file) for name, file in files.items()} | {"GITHUB_ACTIONS": "true"}

            def value(expression):
                kind, *rest = expression.split(".")
                return inputs[rest[0]] if kind == "inputs" else outputs[rest[-1]]

            def run(name):
                step = steps[name]
                own = {key: re.sub(r"\$\{\{ (\S+) \}\}", lambda found: value(found[1]), text) for key, text in step["env"].items()}
                return shell(step["run"], folder, heirloom, **server, **own)

            audit = run("Audit")
            assert audit.returncode == 0, audit.stderr
            outputs.update(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
            assert outputs == {"exit-code": str(code), "outcome": outcome}, (outputs, audit.stdout, audit.stderr)
            expected = 0 if (code, gap) == (4, "warn") else code
            gate = run("Gate")
            assert gate.returncode == expected, (limit, gap, gate)
            written = code in (0, 1, 4)
            assert (folder / inputs["out"] / "report.html").exists() == written
            assert ("Inherited-bias audit" in files["GITHUB_STEP_SUMMARY"].read_text()) == written
            assert ("::error" in audit.stdout) == (code == 1), audit.stdout


def install(wheel):
    """What the action installs is on the job's PATH from then on."""
    action = yaml.safe_load((CI / "github/action.yml").read_text())
    (step,) = [step for step in action["runs"]["steps"] if step["name"] == "Install heirloom"]
    folder = folder_with("0.9")
    path = folder / "path"
    ran = shell(step["run"], folder, wheel, REQUIREMENT=str(wheel), RUNNER_TEMP=str(folder), GITHUB_PATH=str(path))
    assert ran.returncode == 0, ran.stderr
    (added,) = path.read_text().splitlines()
    version = subprocess.run([f"{added}/heirloom", "--version"], capture_output=True, text=True, check=True)
    assert version.stdout.startswith("heirloom "), version.stdout


def gitlab(heirloom):
    """The script of the job template, and what it declares as artifacts."""
    job = yaml.safe_load((CI / "gitlab/heirloom.gitlab-ci.yml").read_text())[".heirloom"]
    variables = job["variables"] | {"HEIRLOOM_INSTALL": ""}
    assert job["allow_failure"] == {"exit_codes": [4]}
    for limit, (code, _) in OUTCOMES.items():
        folder = folder_with(limit)
        ran = shell("\n".join(job["script"]), folder, heirloom, GITLAB_CI="true", **variables)
        assert ran.returncode == code, (limit, ran.stderr)
        for report in job["artifacts"]["reports"].values():
            assert (folder / report).exists() == (code in (0, 1, 4)), report
        assert all((folder / path).exists() == (code in (0, 1, 4)) for path in job["artifacts"]["paths"])


def pre_commit(heirloom):
    """The hook's entry, on the files that its pattern takes."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    pattern = re.compile(hook["files"])
    taken = ["audit.toml", "models/audit.toml", "hiring.audit.toml"]
    assert all(pattern.search(name) for name in taken)
    assert not any(pattern.search(name) for name in ["audit.tom", "myaudit.toml", "audit.toml.lock", "Cargo.toml"])
    entry = ROOT / hook["entry"]
    assert os.access(entry, os.X_OK), "language: script needs a file that can be run"
    sound, faulty = folder_with("0.1"), folder_with('"x"')
    files = [sound / "audit.toml", faulty / "audit.toml"]
    for named, code in ((files[:1], 0), (files, 2), (files[::-1], 2)):
        ran = shell(" ".join(map(str, [entry, *named])), ROOT, heirloom)
        assert ran.returncode == code, ran.stderr


def documented(heirloom):
    """What docs/ci.md shows is YAML that names only what there is."""
    text = (ROOT / "docs/ci.md").read_text()
    steps, gitlab, hooks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.S)]
    inputs = yaml.safe_load((CI / "github/action.yml").read_text())["inputs"]
    assert set(steps[1]["with"]) <= set(inputs), steps[1]
    variables = yaml.safe_load((CI / "gitlab/heirloom.gitlab-ci.yml").read_text())[".heirloom"]["variables"]
    assert set(gitlab["audit"]["variables"]) <= set(variables), gitlab
    (own,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    ((shown,),) = [hook["hooks"] for hook in hooks]
    assert all(shown[key] == own[key] for key in shown.keys() - {"entry"}), shown
    for path in re.findall(r"`(integrations/ci/[^`]+)`", text):
        assert (ROOT / path).exists(), path


def main():
    heirloom = Path(sys.argv[1]).resolve()
    for test in (github, gitlab, pre_commit, documented):
        test(heirloom)
        print(f"{test.__name__}: runs")
    for wheel in sys.argv[2:]:
        install(Path(wheel).resolve())
        print("install: runs")


if __name__ == "__main__":
    main()
