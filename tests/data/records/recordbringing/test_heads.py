"""Servers know each record by its digest, as commands do."""

from liferaft.data.records.recordbringing.heads import body_of, headed
from liferaft.vault import checked


def test_a_record_is_written_and_known_as_by_commands() -> None:
    stored = headed("pins/a", b"pin")
    assert stored == checked.headed("pins/a", b"pin")
    assert body_of("pins/a", stored) == b"pin"


def test_a_record_that_is_damaged_or_lies_under_another_key_is_not_believed() -> None:
    stored = headed("pins/a", b"pin")
    assert body_of("pins/b", stored) is None
    assert body_of("pins/a", stored + b"!") is None
    assert body_of("pins/a", b"pin") is None
