"""What `plan failover` says of how long data takes to come back."""

from collections.abc import Callable

from tests.moves.planned import FAILOVER

from liferaft.config import Config
from liferaft.moves import failover, snapshot
from liferaft.moves.inputs import SnapshotInputs
from liferaft.moves.restore_times import restore_times
from liferaft.recovery.verified import Verification, note_verification
from liferaft.vault import Vault

AT = "2026-11-22T15:00:00+00:00"
DATABASE = {
    "kind": "postgres",
    "name": "db",
    "size": 2_500_000_000,
    "seconds": {"restore": 40.0, "replay": 2.4, "structure": 300.0},
}
IMAGE = {"kind": "image", "name": "chirp-1", "size": 1, "seconds": {"read": 3.0}}


def test_a_point_that_was_tried_says_how_long_its_restore_took(
    config: Config, vault: Vault
) -> None:
    came = Verification(AT, "liferaft 1", "east", 360.0, False, (DATABASE, IMAGE))
    note_verification(vault, FAILOVER.point_epoch, FAILOVER.point, "main", came)
    (told,) = restore_times(vault, failover.plan(config, FAILOVER))
    assert told.startswith("Vault main gave postgres db (2.50 GB) back in 42 s on east")
    assert AT in told


def test_one_that_was_never_tried_or_does_not_come_back_says_no_time(
    config: Config, vault: Vault
) -> None:
    plan = failover.plan(config, FAILOVER)
    (told,) = restore_times(vault, plan)
    assert "never brought back on trial" in told
    came = Verification(AT, "liferaft 1", "east", 9.0, False, (DATABASE,), ("It is torn.",))
    note_verification(vault, FAILOVER.point_epoch, FAILOVER.point, "main", came)
    assert restore_times(vault, plan) == (told,)


def test_other_moves_restore_nothing(
    config: Config, vault: Vault, reigns: Callable[[int, str], None]
) -> None:
    reigns(1, "east")
    plan = snapshot.plan(config, SnapshotInputs(site="east", epoch=1, reigns=True, point="x"))
    assert restore_times(vault, plan) == ()
