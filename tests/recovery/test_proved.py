"""What proves that a recovery point comes back whole."""

import json

import pytest

from liferaft.recovery.proved import proved_points
from liferaft.vault import CheckedVault
from liferaft.vault.layout import EpochKeys

POINT = "20261122T140000Z"
WHOLE: dict[str, list[str]] = {"faults": []}
BROKEN = {"faults": ["the database does not start"]}


def record(**vaults: object) -> bytes:
    return json.dumps({"version": 1, "vaults": vaults}).encode()


@pytest.mark.parametrize(
    ("body", "proved"),
    [
        (record(main=WHOLE), True),
        (record(main=BROKEN, second=WHOLE), True),
        (record(main=BROKEN), False),
        (record(), False),
        (b"{}", False),
        (b"[]", False),
        (b"no record", False),
    ],
)
def test_a_trial_that_found_no_fault_is_a_proof_and_nothing_else(
    vault: CheckedVault, body: bytes, *, proved: bool
) -> None:
    vault.put(EpochKeys(1).verified(POINT), body)
    assert proved_points(vault, 1) == ((POINT,) if proved else ())


def test_a_damaged_record_proves_nothing(vault: CheckedVault) -> None:
    vault.raw.put(EpochKeys(1).verified(POINT), record(main=WHOLE))
    assert proved_points(vault, 1) == ()
