"""Several vaults as one: all are written to, one is enough, and what is lacking is never hidden."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from tests.models.line import Killed, Line, Trouble
from tests.models.several import GRACE, NAMES, Several
from tests.models.vault import Absence

from liferaft.vault import (
    Damaged,
    EpochChain,
    EpochRecord,
    EveryVault,
    KeyMissing,
    NumberedChain,
    VaultRefused,
    VaultUnavailable,
    layout,
)

AT = "2026-11-29T14:00:00Z"


@pytest.fixture
def several() -> Iterator[Several]:
    found = Several()
    yield found
    for vault in found.raw.values():
        vault.let_go.set()


@pytest.fixture
def three() -> Iterator[Several]:
    found = Several(3)
    yield found
    for vault in found.raw.values():
        vault.let_go.set()


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
    several.alone("second").create("epoch/00000001", b"theirs")
    assert mine.create("epoch/00000001", b"mine") is True
    assert several.alone("second").get("epoch/00000001") == b"theirs"
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


# Who leads


def test_the_first_that_is_not_known_to_lack_something_leads(three: Several) -> None:
    three.away("first")
    three.command().put("pins/east/db-1.json", b"new")
    three.back("first")
    vault = three.command()
    assert vault.get("pins/east/db-1.json") == b"new"
    assert vault.order == ("second", "third", "first")


def test_a_vault_that_comes_back_is_written_to_and_not_read_from(several: Several) -> None:
    several.command().put("pins/east/db-1.json", b"old")
    several.away("first")
    several.command().put("pins/east/db-1.json", b"new")
    several.back("first")
    vault = several.command()
    vault.put("machine-images/east.json", b"image")
    assert several.alone("first").get("machine-images/east.json") == b"image"
    assert vault.get("pins/east/db-1.json") == b"new"


def test_a_vault_that_comes_back_knows_by_itself_that_it_lacks_something(several: Several) -> None:
    several.away("first")
    several.command().put("pins/east/db-1.json", b"new")
    several.back("first")
    several.command().put("machine-images/east.json", b"image")
    several.away("second")
    assert several.command().roll.is_complete is False


@pytest.mark.parametrize("chain", [layout.EPOCHS, layout.LEASES])
def test_a_vault_that_comes_back_with_less_does_not_lead(several: Several, chain: str) -> None:
    for number in (1, 2):
        assert NumberedChain(several.command(), chain).append(number, str(number).encode())
    several.empty("first")
    vault = several.command()
    assert vault.order == ("second", "first")
    assert NumberedChain(vault, chain).highest() == 2


def test_whoever_knows_a_higher_epoch_leads_though_it_was_away(several: Several) -> None:
    EpochChain(several.command()).claim(EpochRecord(1, "east", "run-1", AT))
    several.away("second")
    EpochChain(several.command()).claim(EpochRecord(2, "north", "run-2", AT))
    several.back("second")
    several.away("first")
    several.command().put("pins/east/db-1.json", b"pin")  # by somebody who cannot know better
    several.back("first")
    current = EpochChain(several.command()).current()
    assert current is not None
    assert current.epoch == 2


def test_while_none_is_complete_what_any_of_them_has_is_found(several: Several) -> None:
    several.away("second")
    several.command().put("pins/east/db-1.json", b"one")
    several.back("second")
    several.away("first")
    several.command().put("pins/east/db-2.json", b"two")
    several.back("first")
    vault = several.command()
    assert not vault.roll.is_complete
    assert vault.list("pins") == ("pins/east/db-1.json", "pins/east/db-2.json")
    assert vault.get("pins/east/db-1.json") == b"one"
    assert vault.get("pins/east/db-2.json") == b"two"
    with pytest.raises(KeyMissing):
        vault.get("pins/east/db-3.json")


def test_two_commands_with_different_views_meet_at_the_lease(several: Several) -> None:
    """One sees the second vault alone and holds the lease there; the other sees both."""
    several.away("first")
    assert NumberedChain(several.command(), layout.LEASES).append(1, b"theirs")
    several.back("first")
    chain = NumberedChain(several.command(), layout.LEASES)
    assert chain.highest() == 1
    assert chain.get(1).body == b"theirs"


def test_a_lease_that_is_taken_just_now_makes_no_vault_incomplete(
    several: Several, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The leading vault was asked before another command's claim, the second one after it."""
    first, second = several.raw["first"], several.raw["second"]
    listed, asked = {"first": first.list, "second": second.list}, Event()

    def before(prefix: str = "") -> tuple[str, ...]:
        found = listed["first"](prefix)
        if prefix == layout.LEASES and not asked.is_set():
            for name in several.raw:
                several.alone(name).create("lease/00000001", b"theirs")
            asked.set()
        return found

    def after(prefix: str = "") -> tuple[str, ...]:
        asked.wait(60.0)
        return listed["second"](prefix)

    monkeypatch.setattr(first, "list", before)
    monkeypatch.setattr(second, "list", after)
    assert several.command().roll.lacking == {}


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
