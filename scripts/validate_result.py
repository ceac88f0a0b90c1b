"""Holds results against the committed JSON Schema: validate_result.py RESULT..."""

import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

schema = json.loads((Path(__file__).parent.parent / "schema" / "result.json").read_text())
Draft202012Validator.check_schema(schema)
wrong = 0
for path in sys.argv[1:]:
    for error in Draft202012Validator(schema).iter_errors(json.loads(Path(path).read_text())):
        wrong += 1
        print(f"{path}: {error.json_path}: {error.message[:200]}")
sys.exit(bool(wrong))
