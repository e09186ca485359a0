"""Checks a file for `aws application-autoscaling … --cli-input-json` against the model of the service in botocore."""

import json
import re
import sys

import botocore.session
from botocore.validate import ParamValidator

OPERATIONS = {"scalable-target": "RegisterScalableTarget", "policy": "PutScalingPolicy", "scheduled": "PutScheduledAction"}

# What Java's regular expressions spell otherwise.
SPELLINGS = {"\\p{Print}": "[ -~]", "\\uD800\\uDC00-\\uDBFF\\uDFFF": "\\U00010000-\\U0010FFFF"}


def violations(shape, value, place):
    """What the server refuses and botocore lets through: enumerations, patterns, lengths."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if name in value:
                yield from violations(member, value[name], f"{place}.{name}")
    elif shape.type_name == "string":
        if shape.enum and value not in shape.enum:
            yield f"{place}: {value} is none of {', '.join(shape.enum)}"
        pattern = shape.metadata.get("pattern", "")
        for java, python in SPELLINGS.items():
            pattern = pattern.replace(java, python)
        if pattern and not re.fullmatch(pattern, value):
            yield f"{place}: {value} does not match {pattern}"
        if not shape.metadata.get("min", 0) <= len(value) <= shape.metadata.get("max", 10**6):
            yield f"{place}: {len(value)} characters"


def main(path):
    name = path.rsplit("/", 1)[-1]
    operation = next(it for prefix, it in OPERATIONS.items() if name.startswith(prefix))
    with open(path, encoding="utf-8") as file:
        parameters = json.load(file)
    model = botocore.session.Session().get_service_model("application-autoscaling")
    shape = model.operation_model(operation).input_shape
    report = ParamValidator().validate(parameters, shape)
    found = [report.generate_report()] if report.has_errors() else []
    found += violations(shape, parameters, operation)
    print("\n".join(found))
    return 1 if found else 0


sys.exit(main(sys.argv[1]))
