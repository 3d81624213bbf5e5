"""The document is the one that its schema describes, whatever a journal holds."""

import json
from pathlib import Path

import jsonschema
import pytest
from tests.evidence.runs import ABOUT, FAILOVER, Row, Written, done, started
from tests.evidence.schema import schema

from liferaft.evidence.document import Document
from liferaft.evidence.report import report_of
from liferaft.vault import Vault

SCHEMA = Path(__file__).parents[2] / "docs/report.schema.json"


def test_the_schema_in_docs_is_that_of_the_code() -> None:
    assert SCHEMA.read_text() == schema()


@pytest.mark.parametrize("rows", [FAILOVER, FAILOVER[:5], []])
def test_whoever_knows_the_schema_alone_can_read_every_report(
    vault: Vault, journal: Written, rows: list[Row]
) -> None:
    about = {**ABOUT, "targets": {"rto": 900}, "costs": "None."}
    journal([*rows, done(99, "x", denied=["a"], missing=["b"], missing_count=1)], about=about)
    told = json.loads(report_of(vault).to_json())
    told_schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(told_schema)
    jsonschema.validate(told, told_schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(told | {"verdict": {"state": "fine"}}, told_schema)


def test_a_document_that_was_written_is_read_back_as_it_was(vault: Vault, journal: Written) -> None:
    journal(FAILOVER, about=ABOUT)
    told = report_of(vault)
    assert Document.model_validate_json(told.to_json()) == told


def test_fields_of_a_later_version_are_passed_over(vault: Vault, journal: Written) -> None:
    journal(FAILOVER)
    told = json.loads(report_of(vault).to_json())
    told |= {"new": 1, "verdict": {**told["verdict"], "new": 1}}
    assert Document.model_validate(told) == report_of(vault)


def test_half_a_character_in_a_name_breaks_no_report(vault: Vault, journal: Written) -> None:
    journal([started(1, "copy"), done(2, "copy", missing=["half \ud83d"], missing_count=1)])
    told = report_of(vault)
    assert json.loads(told.to_json())["lost"][0]["names"] == ["half \ud83d"]
