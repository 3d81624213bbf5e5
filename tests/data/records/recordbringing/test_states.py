"""The engine's states are brought as they lie, and nothing of one is lost."""

from tests.data.records.recordbringing.conftest import (
    STATE,
    Fleet,
    away_while,
)


def test_a_state_that_is_replaced_is_kept_among_the_engines_backups(fleet: Fleet) -> None:
    fleet.flat.put("first", f"chirp/{STATE}", b"the engine's, old")
    away_while(fleet)
    fleet.look()
    backups = [key for key in fleet.flat.bucket("first") if "/backups/chirp/east/east." in key]
    assert [fleet.flat.bucket("first")[key].body for key in backups] == [b"the engine's, old"]
