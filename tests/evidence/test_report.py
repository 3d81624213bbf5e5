"""The report is what the journal says: no more, and nothing from anywhere else."""

import pytest
from tests.evidence.runs import Row, Written, done, started

from liferaft.evidence.page import page
from liferaft.evidence.report import projected, report_of
from liferaft.failures import BadInput
from liferaft.journal import Event, RunName, what_is_left
from liferaft.vault import Vault

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
    steps = {step["name"]: step for step in report_of(vault).model_dump(mode="json")["steps"]}
    assert list(steps) == ["reserve", "dns", "servers", "promote"]
    assert (steps["servers"]["start"], steps["servers"]["end"]) == (2.5, 12.5)
    assert steps["servers"]["state"] == "done"
    assert steps["promote"]["facts"] == {"recovered_until": 1700000000.25}


def test_the_critical_path_is_the_chain_that_took_longest(vault: Vault, journal: Written) -> None:
    journal(FAILOVER)
    told = report_of(vault).model_dump(mode="json")
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
    told = report_of(vault).model_dump(mode="json")
    assert told["finished"] is False
    last = told["steps"][-1]
    assert (last["name"], last["state"], last["end"]) == ("promote", "started", None)


def test_a_run_that_was_killed_before_its_first_step_has_a_report(
    vault: Vault, journal: Written
) -> None:
    journal([])
    told = report_of(vault).model_dump(mode="json")
    assert (told["seconds"], told["critical_path"], told["steps"]) == (0.0, [], [])


def test_the_newest_run_is_told_unless_one_is_named(vault: Vault, journal: Written) -> None:
    older = journal(FAILOVER, run="20261122T130000000Z-aa")
    newer = journal(FAILOVER, run="20261122T140000000Z-aa")
    assert report_of(vault).run == str(newer)
    assert report_of(vault, str(older)).run == str(older)


def test_a_run_that_nobody_knows_is_bad_input(vault: Vault, journal: Written) -> None:
    with pytest.raises(BadInput, match="holds no run yet") as none:
        report_of(vault)
    assert "liferaft deploy" in none.value.facts.do
    name = journal(FAILOVER)
    with pytest.raises(BadInput, match="holds no run 00000009-x") as unknown:
        report_of(vault, "00000009-x")
    assert unknown.value.facts.safe == "Nothing was changed: a report only reads."
    assert f"the newest run is {name}." in unknown.value.facts.do


def test_the_same_journal_is_the_same_report(vault: Vault, journal: Written) -> None:
    journal(FAILOVER)
    assert report_of(vault).to_json() == report_of(vault).to_json()


def test_a_report_says_by_a_digest_which_journal_it_is_of(vault: Vault, journal: Written) -> None:
    name = journal(FAILOVER[:-1])
    before = report_of(vault).journal
    later = Event(10, "run-finished", "2026-11-22T14:00:16.000Z", "session", 16.0, {})
    assert vault.create(name.key(10), later.to_json())
    after = report_of(vault).journal
    assert (before.events, after.events) == (9, 10)
    assert before.sha256 != after.sha256


def test_steps_have_the_sentences_of_the_plan_and_those_that_never_began_are_named(
    vault: Vault, journal: Written
) -> None:
    steps = [
        {"name": "reserve", "sentence": "Reserve a network", "final": False},
        {"name": "fence", "sentence": "Epoch 2", "final": True},
    ]
    journal(FAILOVER[:2], about={"app": "chirp", "steps": steps})
    told = report_of(vault)
    assert [step.sentence for step in told.steps] == ["Reserve a network"]
    assert told.untried == ("fence",)


def test_a_snapshot_that_follows_a_move_by_itself_does_not_hide_it(
    vault: Vault, journal: Written
) -> None:
    moved = journal(FAILOVER)
    later = journal([], run="20261122T150000000Z-bb", move="snapshot", follows=str(moved))
    assert report_of(vault).run == str(moved)
    assert report_of(vault, str(later)).run == str(later)


def test_a_run_of_a_version_that_noted_other_facts_is_told_as_well(vault: Vault) -> None:
    name = RunName(2, "20261122T140000000Z-aa")
    beginning = {"move": "snapshot", "site": "north", "inputs": {"point": "p"}, "digest": "d"}
    event = Event(1, "run-started", "2026-11-22T14:00:00.000Z", "session", 0.0, beginning)
    assert vault.create(name.key(1), event.to_json())
    assert report_of(vault).model_dump(mode="json")["run"] == str(name)


@pytest.mark.parametrize("gone", range(2, len(FAILOVER) + 2))
def test_a_journal_that_lacks_any_event_but_the_first_is_told_as_far_as_it_goes(
    vault: Vault, journal: Written, gone: int
) -> None:
    name = journal(FAILOVER)
    vault.delete(name.key(gone))
    told = projected(what_is_left(vault, name))
    assert told.run == str(name)
    assert bool(told.journal.faults) == (gone < len(FAILOVER) + 1), "the last one misses unseen"
    assert page(told)
