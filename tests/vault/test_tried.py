"""What is noted of trying a vault, and what is told of it later."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.models.vault import VaultModel

from liferaft.vault import CheckedVault, EveryVault, layout
from liferaft.vault.tried import VaultFinding, VaultTried, fresh, last_tried, note_tried

AT = "2026-11-29T09:14:00+00:00"
FINDING = VaultFinding("main", "the key that servers hold may delete", "docs/vaults.md")
TRIED = VaultTried("main", AT, ("hosts",), True, "GOVERNANCE for 7 days", True, (FINDING,))


def test_what_was_noted_is_read_back() -> None:
    vault = CheckedVault(VaultModel())
    assert last_tried(vault) == ()
    note_tried(vault, [TRIED])
    assert last_tried(vault) == (TRIED,)
    assert TRIED.age(datetime(2026, 11, 29, 10, 14, tzinfo=UTC)) == timedelta(hours=1).seconds


def test_of_several_vaults_the_newest_note_counts_whichever_has_it() -> None:
    """One that was away has an older one, and may lead again before it has everything."""
    first, second = (CheckedVault(VaultModel(name=name)) for name in ("main", "depot"))
    newer = replace(TRIED, at="2026-11-30T09:14:00+00:00", findings=())
    note_tried(first, [TRIED])
    note_tried(second, [newer])
    assert last_tried(EveryVault([first, second])) == (newer,)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"vault": "main"}', b'{"at": 1, "pairs": []}'])
def test_a_note_that_cannot_be_read_counts_as_none(body: bytes) -> None:
    vault = CheckedVault(VaultModel())
    vault.put(layout.tried("main"), body)
    assert last_tried(vault) == ()


def test_a_finding_is_told_once() -> None:
    other = replace(FINDING, happened="its bucket keeps no versions")
    now = replace(TRIED, findings=(FINDING, other))
    assert fresh([now], []) == (FINDING, other)
    assert fresh([now], [TRIED]) == (other,)
    assert fresh([TRIED], [now]) == ()


@pytest.mark.parametrize(
    ("keeps", "lock", "holds", "said"),
    [
        (True, None, None, "versions are kept, and nothing is locked"),
        (False, None, None, "NO VERSIONS ARE KEPT, and nothing is locked"),
        (None, None, None, "whether versions are kept could not be tried, and nothing is locked"),
        (True, "A for 7 days", True, "versions are kept, and locked (A for 7 days)"),
        (True, "A for 7 days", False, "versions are kept, and SAID TO BE LOCKED (A for 7 days)"),
    ],
)
def test_what_a_store_was_seen_to_keep_is_one_sentences_end(
    keeps: bool | None, lock: str | None, holds: bool | None, said: str
) -> None:
    assert replace(TRIED, keeps_versions=keeps, lock=lock, holds=holds).keeping == said
