"""Checks every dependency's licence and source against deny.toml, from `cargo metadata`."""

import json
import re
import subprocess
import sys
import tomllib

RULES = tomllib.load(open("deny.toml", "rb"))
ALLOWED = set(RULES["licenses"]["allow"])
REGISTRY = "registry+" + RULES["sources"]["allow-registry"][0]


def permits(expression):
    """Whether an SPDX expression is satisfied by the allowed licences."""
    names = re.sub(r"\s*/\s*", " OR ", expression)
    words = re.findall(r"\(|\)|[^\s()]+(?: WITH [^\s()]+)?", names)
    python = {"OR": "or", "AND": "and", "(": "(", ")": ")"}
    return eval(" ".join(python.get(word, str(word in ALLOWED)) for word in words))  # noqa: S307


def problem(package):
    licence = package["license"]
    if package["source"] is None:
        return None
    if package["source"] != REGISTRY:
        return f"comes from {package['source']}"
    if licence is None or not permits(licence):
        return f"has the licence {licence}"
    return None


def main():
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    packages = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["packages"]
    found = [(p["name"], p["version"], problem(p)) for p in packages if problem(p)]
    for name, version, what in found:
        print(f"{name} {version} {what}")
    print(f"{len(packages)} packages, {len(found)} refused")
    return 1 if found else 0


sys.exit(main())
