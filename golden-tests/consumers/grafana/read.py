"""Reads a dashboard with Grafana's own library, writes it again, and fails with what was lost on the way."""

import json
import sys

from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard


def lost(before, after, path="dashboard"):
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            if key in after:
                yield from lost(value, after[key], f"{path}.{key}")
            elif value is not None:
                yield f"{path}.{key} is not known"
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after)):
            yield from lost(old, new, f"{path}[{index}]")
    elif before != after:
        yield f"{path} is {before!r}, read as {after!r}"


plugins.register_default_plugins()
with open(sys.argv[1], encoding="utf-8") as file:
    written = json.load(file)
read = json.loads(json.dumps(Dashboard.from_json(written), cls=JSONEncoder))
sys.exit("\n".join(lost(written, read)) or 0)
