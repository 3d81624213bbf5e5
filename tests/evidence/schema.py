"""The schema of reports: `.venv/bin/python -m tests.evidence.schema >docs/report.schema.json`."""

import json
import sys

from liferaft.evidence.document import Document


def schema() -> str:
    """As it lies in docs/."""
    told = Document.model_json_schema(mode="serialization")
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The report of a run of liferaft, form 1",
    }
    return json.dumps({**told, **head}, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema())
