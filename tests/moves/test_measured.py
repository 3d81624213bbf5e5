"""What is on record of the way back: journals of runs that began a reign, and trials of points."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.moves.planned import FAILOVER

from liferaft.config import Config
from liferaft.journal import Event, RunName
from liferaft.moves import failover
from liferaft.moves.measured import ASSUMED, measurements, time_back
from liferaft.moves.restore_times import time_back_of
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.recovery.verified import Verification, note_verification
from liferaft.vault import EpochChain, EpochRecord, Vault
from liferaft.vault.layout import EpochKeys

AT = "2026-11-22T14:00:00.000Z"
POINT = "20261122T140000Z"
Step = tuple[str, float, float, dict[str, Any]]
DEPLOYED: tuple[Step, ...] = (("servers", 0, 30, {}), ("prove", 30, 50, {}))
MOVED: tuple[Step, ...] = (
    ("servers", 0, 30, {}),
    ("restore", 30, 40, {"bytes": 1000}),
    ("replay", 40, 44, {}),
    ("prove", 44, 60, {}),
)


@pytest.fixture
def began(vault: Vault) -> Callable[..., None]:
    """Let a run begin a reign; its steps with the seconds of their beginning and end."""

    def write(
        epoch: int, move: str, steps: tuple[Step, ...], *, ends: bool = True, stops: bool = False
    ) -> None:
        name = RunName(epoch, f"20261122T14000000{epoch}Z-aa")
        rows: list[tuple[float, str, dict[str, Any]]] = []
        for step, start, end, facts in steps:
            rows.append((start, "step-started", {"step": step, "needs": []}))
            rows.append((end, "step-done", {"step": step, **facts}))
        inputs = {"site": "north", "epoch": epoch, "reigns": True, "segments": 8}
        begun = {"move": move, "site": "north", "inputs": inputs, "digest": "d"}
        rows = [(0, "run-started", begun), *rows, *([(99, "run-finished", {})] if ends else [])]
        for seq, (second, kind, facts) in enumerate(rows, 1):
            at = f"2026-11-22T14:{int(second) // 60:02}:{second % 60:06.3f}Z"
            session = "another" if stops and seq == len(rows) else "session"
            body = Event(seq, kind, at, session, float(second), facts).to_json()
            assert vault.create(name.key(seq), body)
        EpochChain(vault).claim(EpochRecord(epoch, "north", str(name), AT))

    return write


def point(epoch: int, size: int) -> RecoveryPoint:
    return RecoveryPoint(
        POINT, "chirp", epoch, "north", AT, (Part("postgres", "db", epoch, AT, size),)
    )


def tried(vault: Vault, *faults: str) -> None:
    part = {"kind": "postgres", "size": 2000, "seconds": {"restore": 20.0, "replay": 2.0}}
    came = Verification(AT, "liferaft 1", "north", 90.0, False, (part, {"kind": "image"}), faults)
    note_verification(vault, 1, POINT, "main", came)


def test_nothing_on_record_measures_nothing(config: Config, vault: Vault) -> None:
    assert time_back(config, vault, 1, point(1, 1000)).seconds is None


def test_after_a_first_deploy_and_a_trial_it_is_reckoned_by_these(
    config: Config, vault: Vault, began: Callable[..., None]
) -> None:
    began(1, "deploy", DEPLOYED)
    tried(vault)
    known = measurements(vault, 1)
    assert [(one.seconds, one.of) for one in known.around] == [(50.0, "the deploy to north")]
    assert [(one.seconds, one.amount) for one in known.restore] == [(22.0, 2000.0)]
    assert time_back(config, vault, 1, point(1, 2000)).seconds is not None


def test_a_failover_measures_of_its_restore_what_a_trial_of_the_point_measures(
    vault: Vault, began: Callable[..., None]
) -> None:
    """What else the step does takes as long whatever the size."""
    said = {"bytes": 1000, "seconds": {"restore": 5.0, "start": 1.0}}
    steps = tuple((*row, said if row[0] == "restore" else facts) for *row, facts in MOVED)
    began(1, "failover", steps)
    known = measurements(vault, 1)
    assert [(one.seconds, one.amount) for one in known.restore] == [(6.0, 1000.0)]
    assert [one.seconds for one in known.around] == [50.0]
    assert [one.seconds for one in known.replay] == [4.0]


def test_until_a_failover_has_replayed_a_replay_is_reckoned_by_an_assumption_that_is_told(
    vault: Vault, began: Callable[..., None]
) -> None:
    tried(vault)
    assert measurements(vault, 1).replay == [ASSUMED]
    assert "trials" in ASSUMED.of
    began(1, "failover", MOVED)
    assert ASSUMED not in measurements(vault, 1).replay


def test_failovers_say_more_than_deploys(vault: Vault, began: Callable[..., None]) -> None:
    began(1, "deploy", DEPLOYED)
    began(2, "failover", MOVED)
    known = measurements(vault, 2)
    assert [(one.seconds, one.of) for one in known.around] == [(46.0, "the failover to north")]
    assert [(one.seconds, one.amount) for one in known.restore] == [(10.0, 1000.0)]
    assert [(one.seconds, one.amount) for one in known.replay] == [(4.0, 8.0)]


@pytest.mark.parametrize("flaw", [{"ends": False}, {"stops": True}])
def test_a_run_that_stopped_in_between_measures_nothing(
    vault: Vault, began: Callable[..., None], flaw: dict[str, bool]
) -> None:
    began(1, "failover", MOVED, **flaw)
    assert not measurements(vault, 1).around


def test_a_trial_that_found_damage_measures_nothing(vault: Vault) -> None:
    tried(vault, "It is torn.")
    assert not measurements(vault, 1).restore


def test_damage_on_the_way_measures_nothing_and_stops_nothing(
    vault: Vault, began: Callable[..., None]
) -> None:
    began(1, "deploy", DEPLOYED)
    tried(vault)
    vault.put(EpochKeys(1).verified(POINT), b"{}")
    assert not measurements(vault, 1).restore


def test_a_failover_is_told_how_long_it_takes_and_no_other_move_is(
    config: Config, vault: Vault, began: Callable[..., None]
) -> None:
    began(1, "deploy", DEPLOYED)
    tried(vault)
    plan = failover.plan(config, FAILOVER)
    assert time_back_of(config, vault, plan) is None, "its point is not there"
    publish(vault, point(1, 2000))
    found = time_back_of(config, vault, plan)
    assert found is not None
    assert found.seconds is not None
