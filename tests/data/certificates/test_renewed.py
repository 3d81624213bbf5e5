"""What a server kept of certificates since the last point counts for whoever restores or looks."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.models.vault import VaultModel

from liferaft.data.certificates.certkeeping.note import noted, part_of
from liferaft.data.certificates.kind import CERTIFICATES
from liferaft.data.certificates.renewed import kept_part
from liferaft.data.parts import RestorePart
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint
from liferaft.vault import CheckedVault, Damaged
from liferaft.vault.layout import EpochKeys

TAKEN = datetime(2026, 11, 28, 11, tzinfo=UTC)
POINT = "20261128T110000Z"
KEY = EpochKeys(1).kept_certificates
OBJECT = "epoch-00000001/certificates/crt"
RESTORE = RestorePart("certificates", "certificates", "app-1", 1, POINT, 1, 2)


@pytest.fixture
def vault() -> CheckedVault:
    """With a point that has certificates in two vaults."""
    vault = CheckedVault(VaultModel())
    part = Part(
        *("certificates", "certificates", 1, TAKEN.isoformat(), 7, {"count": 1}),
        ("main", "second"),
    )
    point = RecoveryPoint(POINT, "chirp", 1, "east", TAKEN.isoformat(), (part,))
    vault.put(EpochKeys(1).point(POINT), point.to_json())
    return vault


def keep(vault: CheckedVault, at: datetime) -> Part:
    """A server keeps one object, in the second vault alone."""
    vault.raw.put(OBJECT, b"renewed")
    digest = vault.digest(OBJECT, seconds=5)
    own = {"size": 7, "taken_at": at.isoformat(), "facts": {"count": 1, "stored": {OBJECT: digest}}}
    part = part_of({"second": own}, {"main": "it was away"}, epoch=1)
    vault.raw.put(KEY, noted(KEY, part, at))
    return Part.from_json(part)


def point_of(vault: CheckedVault) -> RecoveryPoint:
    return RecoveryPoint.from_json(vault.get(EpochKeys(1).point(POINT)))


def test_a_restore_takes_them_from_the_vault_that_has_the_renewed_ones(
    vault: CheckedVault,
) -> None:
    assert RESTORE._part_now(vault).vaults == ("main", "second")
    kept = keep(vault, TAKEN + timedelta(hours=1))
    assert RESTORE._part_now(vault) == kept
    assert kept.vaults == ("second",)


def test_what_was_renewed_since_a_point_is_no_damage_of_the_point(vault: CheckedVault) -> None:
    kept = keep(vault, TAKEN + timedelta(hours=1))
    assert CERTIFICATES.parts(vault, 1, point_of(vault)) == (kept,)


def test_a_later_snapshot_counts_more(vault: CheckedVault) -> None:
    keep(vault, TAKEN - timedelta(hours=1))
    assert RESTORE._part_now(vault).vaults == ("main", "second")


@pytest.mark.parametrize("damage", [b"torn", noted(KEY, {}, TAKEN), noted(KEY, {"kind": 1}, TAKEN)])
def test_a_damaged_note_is_told_and_stops_nothing(vault: CheckedVault, damage: bytes) -> None:
    vault.raw.put(KEY, damage)
    with pytest.raises(Damaged):
        kept_part(vault, 1)
    (said,) = CERTIFICATES.look_at_notes(vault, 1).anew
    assert KEY in said
    assert "Servers write it anew within the hour" in said
    assert RESTORE._part_now(vault).size == 7
