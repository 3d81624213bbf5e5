"""The report is what the journal says: no more, and nothing from anywhere else."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from liferaft.evidence.report import report_of
from liferaft.failures import BadInput
from liferaft.journal import Event, RunName
from liferaft.vault import Vault

Row = tuple[float, str, dict[str, Any]]
Written = Callable[..., RunName]


def started(second: float, step: str, *needs: str) -> Row:
    return second, "step-started", {"step": step, "needs": list(needs)}


def done(second: float, step: str, **facts: Any) -> Row:
    return second, "step-done", {"step": step, **facts}


FAILOVER: list[Row] = [
    started(0.5, "reserve"),
    done(2.5, "reserve"),
    started(2.5, "dns", "reserve"),
    started(2.5, "servers", "reserve"),
    done(3.5, "dns"),
    done(12.5, "servers"),
    started(12.5, "promote", "servers", "dns"),
    done(15.5, "promote", recovered_until=1700000000.25),
    (16.0, "run-finished", {"changed": [], "held": []}),
]


def test_steps_are_told_in_the_seconds_of_the_run(vault: Vault, journal: Written) -> None:
    journal(FAILOVER)
    steps = {step["name"]: step for step in report_of(vault).as_json()["steps"]}
    assert list(steps) == ["reserve", "dns", "servers", "promote"]
    assert (steps["servers"]["start"], steps["servers"]["end"]) == (2.5, 12.5)
    assert steps["servers"]["state"] == "done"
    assert steps["promote"]["facts"] == {"recovered_until": 1700000000.25}


def test_the_critical_path_is_the_chain_that_took_longest(vault: Vault, journal: Written) -> None:
    journal(FAILOVER)
    told = report_of(vault).as_json()
    assert told["critical_path"] == ["reserve", "servers", "promote"]
    assert told["critical_path_seconds"] == 15.0
    assert told["seconds"] == 15.5


def test_what_the_new_primary_holds_of_the_old_one_is_told(vault: Vault, journal: Written) -> None:
    journal(FAILOVER)
    assert report_of(vault).recovered_until == 1700000000.25


def test_it_is_still_told_when_a_later_session_found_the_promotion_done(
    vault: Vault, journal: Written
) -> None:
    again = [
        (20.0, "run-resumed", {}),
        started(20.0, "promote", "servers", "dns"),
        (20.5, "step-held", {"step": "promote"}),
        (21.0, "run-finished", {}),
    ]
    journal([*FAILOVER[:-1], *again])
    assert report_of(vault).recovered_until == 1700000000.25


def test_a_run_that_restored_nothing_recovered_nothing(vault: Vault, journal: Written) -> None:
    journal(FAILOVER[:6], move="deploy")
    assert report_of(vault).recovered_until is None


def test_an_unfinished_run_is_told_as_far_as_it_came(vault: Vault, journal: Written) -> None:
    journal(FAILOVER[:7])
    told = report_of(vault)
    assert told.as_json()["finished"] is False
    last = told.as_json()["steps"][-1]
    assert (last["name"], last["state"], last["end"]) == ("promote", "started", None)
    text = "\n".join(told.lines())
    assert "NOT FINISHED after 12.5 s" in text
    assert "no end is known" in text


def test_a_run_that_was_killed_before_its_first_step_has_a_report(
    vault: Vault, journal: Written
) -> None:
    journal([])
    told = report_of(vault).as_json()
    assert (told["seconds"], told["critical_path"], told["steps"]) == (0.0, [], [])
    assert list(report_of(vault).lines())


def test_a_person_sees_every_step_on_one_scale(vault: Vault, journal: Written) -> None:
    journal(FAILOVER)
    first, *bars, path, until = report_of(vault).lines()
    assert first == "failover of north, finished after 15.5 s"
    assert [bar[:2] for bar in bars] == ["* ", "  ", "* ", "* "]
    assert bars[2].count("█") > bars[1].count("█")
    assert path == "* critical path: 15.0 s"
    assert until.startswith("recovered until 20")


def test_the_newest_run_is_told_unless_one_is_named(vault: Vault, journal: Written) -> None:
    older = journal(FAILOVER, run="20261122T130000000Z-aa")
    newer = journal(FAILOVER, run="20261122T140000000Z-aa")
    assert report_of(vault).run.name == newer
    assert report_of(vault, str(older)).run.name == older


def test_a_run_that_nobody_knows_is_bad_input(vault: Vault, journal: Written) -> None:
    with pytest.raises(BadInput, match="holds no run yet") as none:
        report_of(vault)
    assert "liferaft deploy" in none.value.facts.do
    name = journal(FAILOVER)
    with pytest.raises(BadInput, match="holds no run 00000009-x") as unknown:
        report_of(vault, "00000009-x")
    assert unknown.value.facts.safe == "Nothing was changed: a report only reads."
    assert f"the newest run is {name}." in unknown.value.facts.do


def test_the_report_is_plain_json(vault: Vault, journal: Written) -> None:
    journal(FAILOVER)
    told = report_of(vault).as_json()
    assert json.loads(json.dumps(told)) == told
    assert told.keys() == {
        "run",
        "move",
        "site",
        "finished",
        "seconds",
        "critical_path_seconds",
        "critical_path",
        "recovered_until",
        "steps",
    }


def test_a_snapshot_that_follows_a_move_by_itself_does_not_hide_it(
    vault: Vault, journal: Written
) -> None:
    moved = journal(FAILOVER)
    later = journal([], run="20261122T150000000Z-bb", move="snapshot", follows=str(moved))
    assert report_of(vault).run.name == moved
    assert report_of(vault, str(later)).run.name == later


def test_a_run_of_a_version_that_noted_other_facts_is_told_as_well(vault: Vault) -> None:
    name = RunName(2, "20261122T140000000Z-aa")
    beginning = {"move": "snapshot", "site": "north", "inputs": {"point": "p"}, "digest": "d"}
    event = Event(1, "run-started", "2026-11-22T14:00:00.000Z", "session", 0.0, beginning)
    assert vault.create(name.key(1), event.to_json())
    assert report_of(vault).as_json()["run"] == str(name)
