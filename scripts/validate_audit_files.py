"""Holds audit files against the JSON Schema that editors use: sound ones keep to it, some faulty ones do not.

Usage: validate_audit_files.py SCHEMA AUDIT.toml...
"""

import datetime
import json
import sys
import tomllib
from pathlib import Path

from jsonschema import Draft202012Validator

# Faults that a schema can see; most are about names and numbers that only the readers know.
SEEN = ["unknown_keys", "wrong_types", "wrong_types_inside", "schema", "hostile_markup"]


def plain(value):
    """TOML's dates as text, as JSON has them."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def main():
    schema, *files = sys.argv[1:]
    schema = json.loads(Path(schema).read_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for file in files:
        errors = list(validator.iter_errors(plain(tomllib.loads(Path(file).read_bytes().decode()))))
        assert not errors, f"{file}: {errors[0].json_path}: {errors[0].message}"
    for name in SEEN:
        text = Path(f"fixtures/policies/bad/{name}.toml").read_bytes().decode()
        assert not validator.is_valid(plain(tomllib.loads(text))), f"{name} keeps to the schema"
    print(f"{len(files)} sound audit files keep to the schema, {len(SEEN)} faulty ones do not")


if __name__ == "__main__":
    main()
