"""Compiles OCSF's schema of a class, and validates the events on stdin, one JSON object a line.

    validate_ocsf.py schema VERSION CLASS PROFILES       prints the schema
    validate_ocsf.py validate VERSION CLASS PROFILES     prints each problem as a line; exit code 1 if there is any
"""

import json
import sys

from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema


def class_schema(version, name, profiles):
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=version))
    return schema.get_class_schema(name, profiles.split(","))


def problems_in(events, schema):
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for number, line in enumerate(events, start=1):
        for error in validator.iter_errors(json.loads(line)):
            yield f"event {number}: {error.json_path}: {error.message}"


def main(command, version, name, profiles):
    schema = class_schema(version, name, profiles)
    if command == "schema":
        print(json.dumps(schema, sort_keys=True))
        return 0
    problems = list(problems_in(sys.stdin, schema))
    print("\n".join(problems))
    return 1 if problems else 0


sys.exit(main(*sys.argv[1:]))
