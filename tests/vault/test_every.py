"""Several vaults as one: all are written to, one is enough, and what is lacking is never hidden."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.models.line import Killed, Line, Trouble
from tests.models.several import GRACE, NAMES, Several
from tests.models.vault import Absence

from liferaft.vault import (
    Damaged,
    EpochChain,
    EpochRecord,
    EveryVault,
    NumberedChain,
    VaultRefused,
    VaultUnavailable,
    layout,
)

AT = "2026-11-29T14:00:00Z"


# What is written


def test_what_is_put_and_created_is_in_every_vault(three: Several) -> None:
    vault = three.command()
    vault.put("pins/east/db-1.json", b"pin")
    assert vault.create("epoch/00000001", b"mine")
    assert three.everywhere("pins/east/db-1.json") == {b"pin"}
    assert three.everywhere("epoch/00000001") == {b"mine"}
    assert vault.list("away") == ()


def test_what_is_deleted_is_in_none(several: Several) -> None:
    vault = several.command()
    vault.put("pins/east/db-1.json", b"pin")
    vault.delete("pins/east/db-1.json")
    assert several.everywhere("pins/east/db-1.json") == {None}


def test_the_leading_vault_decides_a_claim_and_no_other_is_asked_first(several: Several) -> None:
    several.alone("first").create("lease/00000001", b"theirs")
    several.alone("second").create("lease/00000001", b"theirs")
    assert several.command().create("lease/00000001", b"mine") is False
    assert several.everywhere("lease/00000001") == {b"theirs"}


def test_of_claims_at_once_one_wins_and_its_body_is_everywhere(three: Several) -> None:
    bodies = [f"claim {number}".encode() for number in range(16)]
    commands = {body: three.command(grace=5.0) for body in bodies}
    with ThreadPoolExecutor(16) as pool:
        answers = pool.map(lambda body: commands[body].create("epoch/00000001", body), bodies)
        won = [body for body, is_mine in zip(bodies, answers, strict=True) if is_mine]
    assert len(won) == 1
    assert three.everywhere("epoch/00000001") == {won[0]}


def test_another_claim_in_another_vault_is_told_and_never_overwritten(
    several: Several, caplog: pytest.LogCaptureFixture
) -> None:
    mine = several.command()
    mine.list()  # it has seen both, and nothing in them
    several.alone("second").create("runs/one/000001.json", b"theirs")
    assert mine.create("runs/one/000001.json", b"mine") is True
    assert several.alone("second").get("runs/one/000001.json") == b"theirs"
    assert "two commands ran at once" in caplog.text


# Vaults that are away


@pytest.mark.parametrize("absence", list(Absence)[:3])
@pytest.mark.parametrize("dead", NAMES[:2])
def test_a_dead_vault_is_noted_before_a_write_returns(
    several: Several, dead: str, absence: Absence, caplog: pytest.LogCaptureFixture
) -> None:
    alive = "second" if dead == "first" else "first"
    several.away(dead, absence)
    vault = several.command()
    vault.put("pins/east/db-1.json", b"pin")
    assert vault.create("epoch/00000001", b"mine")
    note = json.loads(several.alone(alive).get(f"away/{dead}.json"))
    assert note["vault"] == dead
    assert vault.get("pins/east/db-1.json") == b"pin"
    assert vault.order == (alive, dead)
    assert f"WARNING: vault {dead} does not answer" in caplog.text
    assert "cannot be known" in caplog.text


def test_a_silent_vault_costs_a_moment_once_and_not_per_request(several: Several) -> None:
    several.away("first", Absence.SILENT)
    began = time.monotonic()
    vault = several.command()
    for number in range(1, 20):
        vault.create(f"runs/a/{number:06}.json", b"event")
        vault.list("runs")
    assert time.monotonic() - began < GRACE * 5


@pytest.mark.parametrize("absence", list(Absence)[:3])
@pytest.mark.parametrize("dead", NAMES[:2])
def test_a_vault_that_falls_silent_within_a_command_is_left_out(
    several: Several, dead: str, absence: Absence, caplog: pytest.LogCaptureFixture
) -> None:
    alive = "second" if dead == "first" else "first"
    vault = several.command()
    vault.put("pins/east/db-1.json", b"before")
    several.away(dead, absence)
    assert vault.create("epoch/00000001", b"mine")
    vault.put("pins/east/db-1.json", b"after")
    assert vault.get("pins/east/db-1.json") == b"after"
    assert vault.list("epoch") == ("epoch/00000001",)
    assert several.alone(alive).list("away") == (f"away/{dead}.json",)
    assert caplog.text.count("is left out for the rest") == 1


def test_a_slow_vault_is_waited_for(several: Several, monkeypatch: pytest.MonkeyPatch) -> None:
    vault, first = several.command(), several.raw["first"]
    vault.list()
    looked = first.look

    def slow(prefix: str, *, after: str = "") -> object:
        time.sleep(GRACE * 3)
        return looked(prefix, after=after)

    monkeypatch.setattr(first, "look", slow)
    assert vault.look("runs") == ()
    assert vault.order == ("first", "second")


def test_a_vault_that_takes_no_writes_lacks_them_and_does_not_lead_any_more(
    several: Several,
) -> None:
    several.command().put("pins/east/db-1.json", b"before")
    several.away("first", Absence.READS_ONLY)
    vault = several.command()
    vault.put("pins/east/db-1.json", b"after")
    assert vault.get("pins/east/db-1.json") == b"after"
    assert vault.order == ("second", "first")
    assert several.alone("second").list("away") == ("away/first.json",)


def test_a_claim_that_the_leading_vault_does_not_take_is_decided_by_the_next(
    several: Several,
) -> None:
    several.away("first", Absence.READS_ONLY)
    vault = several.command()
    assert vault.create("lease/00000001", b"mine")
    assert vault.get("lease/00000001") == b"mine"
    assert several.command().order == ("second", "first")


def test_where_all_only_read_every_write_is_refused(several: Several) -> None:
    for name in several.raw:
        several.away(name, Absence.READS_ONLY)
    vault = several.command()
    assert vault.list() == ()
    for write in (vault.put, vault.create):
        with pytest.raises(VaultRefused):
            write("lease/00000001", b"mine")


def test_where_no_vault_takes_a_write_it_failed(several: Several) -> None:
    vault = several.command()
    vault.list()
    for name in several.raw:
        several.away(name)
    with pytest.raises(VaultUnavailable):
        vault.put("pins/east/db-1.json", b"pin")
    with pytest.raises(VaultUnavailable):
        vault.create("epoch/00000001", b"mine")


def test_where_no_vault_answers_all_are_named_and_the_next_request_asks_again(
    several: Several,
) -> None:
    for name in several.raw:
        several.away(name)
    vault = several.command()
    with pytest.raises(VaultUnavailable, match="first and second: none answers"):
        vault.list()
    several.back("second")
    assert vault.list() == ()


def test_the_last_vault_is_asked_again_as_a_single_one_is(several: Several) -> None:
    several.away("first")
    vault = several.command()
    vault.put("pins/east/db-1.json", b"pin")
    several.away("second")
    with pytest.raises(VaultUnavailable):
        vault.get("pins/east/db-1.json")
    several.back("second")
    assert vault.get("pins/east/db-1.json") == b"pin"


def test_a_deletion_that_the_leading_vault_refuses_is_refused(several: Several) -> None:
    vault = several.command()
    vault.put("pins/east/db-1.json", b"pin")
    several.away("first", Absence.READS_ONLY)
    with pytest.raises(VaultRefused):
        vault.delete("pins/east/db-1.json")


def test_two_vaults_that_die_one_after_the_other_are_both_noted(three: Several) -> None:
    vault = three.command()
    vault.list()
    three.away("first")
    vault.put("pins/east/db-1.json", b"one")
    three.away("second")
    vault.put("pins/east/db-1.json", b"two")
    assert three.alone("third").list("away") == ("away/first.json", "away/second.json")


# Damage


def test_a_damaged_object_is_read_from_another_vault_and_told(
    several: Several, caplog: pytest.LogCaptureFixture
) -> None:
    several.command().put("pins/east/db-1.json", b"pin")
    several.damage("first", "pins/east/db-1.json")
    assert several.command().get("pins/east/db-1.json") == b"pin"
    assert "of vault first is damaged" in caplog.text
    assert "read from vault second" in caplog.text


def test_an_object_that_is_damaged_everywhere_is_damaged(several: Several) -> None:
    several.command().put("pins/east/db-1.json", b"pin")
    for name in several.raw:
        several.damage(name, "pins/east/db-1.json")
    with pytest.raises(Damaged, match="vault first"):
        several.command().get("pins/east/db-1.json")


def test_what_an_incomplete_vault_has_is_no_answer_for_what_is_damaged(several: Several) -> None:
    """It may be what was true before."""
    several.command().put("pins/east/db-1.json", b"old")
    several.away("second")
    several.command().put("pins/east/db-1.json", b"new")
    several.back("second")
    several.damage("first", "pins/east/db-1.json")
    with pytest.raises(Damaged):
        several.command().get("pins/east/db-1.json")


def test_a_damaged_note_still_says_who_was_away(several: Several) -> None:
    several.away("first")
    several.command().put("pins/east/db-1.json", b"pin")
    several.back("first")
    several.damage("second", "away/first.json")
    assert several.command().order == ("second", "first")


# Killed, and answers lost


def _moves(vault: EveryVault, body: bytes) -> None:
    """What a command writes, in the order of one."""
    NumberedChain(vault, layout.LEASES).append(
        NumberedChain(vault, layout.LEASES).highest() + 1, body
    )
    EpochChain(vault).claim(EpochRecord(1, "east", "run-1", AT, nonce="n"))
    vault.put("epoch-00000001/release.json", b"release")


@pytest.mark.parametrize("trouble", [Trouble.ANSWER_LOST, Trouble.KILLED_BEFORE])
@pytest.mark.parametrize("dead", [None, "second"])
def test_hit_at_any_request_a_command_that_is_run_again_is_done_in_all_that_answer(
    trouble: Trouble, dead: str | None
) -> None:
    for at in range(1, 100):
        several = Several()
        if dead:
            several.away(dead)
        line = Line(trouble, at)
        try:
            _moves(several.command(line, grace=5.0), b"lease 1")
            finished = len(line.asked) < at
        except (Killed, VaultUnavailable):
            finished = False
        _moves(several.command(grace=5.0), b"lease 2")
        vault = several.command(grace=5.0)
        assert vault.get("epoch-00000001/release.json") == b"release"
        current = EpochChain(vault).current()
        assert current is not None, (trouble, at)
        for name in vault.roll.answering:
            if name not in vault.roll.lacking:
                assert EpochChain(several.alone(name)).current() == current, (trouble, at, name)
        if finished:
            break
    else:
        pytest.fail("it never ended without trouble")
