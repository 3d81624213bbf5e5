"""Several vaults as one: all are written to, one is enough, and what is lacking is never hidden."""

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from tests.models.line import Killed, Line, Trouble
from tests.models.vault import Absence, Shelf, VaultModel

from liferaft.vault import (
    CheckedVault,
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

NAMES = ("first", "second", "third")
GRACE = 0.2
AT = "2026-11-29T14:00:00Z"


class World:
    """Vaults that outlive the commands which use them."""

    def __init__(self, count: int = 2) -> None:
        self.raw = {name: VaultModel(name=name) for name in NAMES[:count]}

    def command(
        self, line: Line | None = None, *, names: Sequence[str] = (), grace: float = GRACE
    ) -> EveryVault:
        """As one command sees them. line: what it asks over; names: in another order."""
        for vault in self.raw.values():
            vault.line = line or Line()
        order = names or tuple(self.raw)
        return EveryVault([CheckedVault(self.raw[name]) for name in order], grace=grace)

    def alone(self, name: str) -> CheckedVault:
        """One vault, asked around all rules."""
        shelf = self.raw[name].shelf
        return CheckedVault(VaultModel(shelf, name=name))

    def away(self, name: str, absence: Absence | None = Absence.UNREACHABLE) -> None:
        self.raw[name].absence = absence

    def back(self, name: str) -> None:
        self.raw[name].absence = None

    def empty(self, name: str) -> None:
        self.raw[name].shelf = Shelf()

    def damage(self, name: str, key: str) -> None:
        self.raw[name].shelf.objects[f"chirp/{key}"] += b"x"

    def asked(self, name: str) -> list[str]:
        return self.raw[name].line.asked


@pytest.fixture
def world() -> Iterator[World]:
    found = World()
    yield found
    for vault in found.raw.values():
        vault.let_go.set()


@pytest.fixture
def three() -> Iterator[World]:
    found = World(3)
    yield found
    for vault in found.raw.values():
        vault.let_go.set()


def everywhere(world: World, key: str) -> set[bytes | None]:
    found: set[bytes | None] = set()
    for name in world.raw:
        try:
            found.add(world.alone(name).get(key))
        except KeyMissing:
            found.add(None)
    return found


# What is written


def test_what_is_put_and_created_is_in_every_vault(three: World) -> None:
    vault = three.command()
    vault.put("pins/east/db-1.json", b"pin")
    assert vault.create("epoch/00000001", b"mine")
    assert everywhere(three, "pins/east/db-1.json") == {b"pin"}
    assert everywhere(three, "epoch/00000001") == {b"mine"}
    assert vault.list("away") == ()


def test_what_is_deleted_is_in_none(world: World) -> None:
    vault = world.command()
    vault.put("pins/east/db-1.json", b"pin")
    vault.delete("pins/east/db-1.json")
    assert everywhere(world, "pins/east/db-1.json") == {None}


def test_the_leading_vault_decides_a_claim_and_no_other_is_asked_first(world: World) -> None:
    world.alone("first").create("lease/00000001", b"theirs")
    world.alone("second").create("lease/00000001", b"theirs")
    assert world.command().create("lease/00000001", b"mine") is False
    assert everywhere(world, "lease/00000001") == {b"theirs"}


def test_of_claims_at_once_one_wins_and_its_body_is_everywhere(three: World) -> None:
    bodies = [f"claim {number}".encode() for number in range(16)]
    commands = {body: three.command(grace=5.0) for body in bodies}
    with ThreadPoolExecutor(16) as pool:
        answers = pool.map(lambda body: commands[body].create("epoch/00000001", body), bodies)
        won = [body for body, is_mine in zip(bodies, answers, strict=True) if is_mine]
    assert len(won) == 1
    assert everywhere(three, "epoch/00000001") == {won[0]}


def test_another_claim_in_another_vault_is_told_and_never_overwritten(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    mine = world.command()
    mine.list()  # it has seen both, and nothing in them
    world.alone("second").create("epoch/00000001", b"theirs")
    assert mine.create("epoch/00000001", b"mine") is True
    assert world.alone("second").get("epoch/00000001") == b"theirs"
    assert "two commands ran at once" in caplog.text


# Vaults that are away


@pytest.mark.parametrize("absence", list(Absence)[:3])
@pytest.mark.parametrize("dead", NAMES[:2])
def test_a_dead_vault_is_noted_before_a_write_returns(
    world: World, dead: str, absence: Absence, caplog: pytest.LogCaptureFixture
) -> None:
    alive = "second" if dead == "first" else "first"
    world.away(dead, absence)
    vault = world.command()
    vault.put("pins/east/db-1.json", b"pin")
    assert vault.create("epoch/00000001", b"mine")
    note = json.loads(world.alone(alive).get(f"away/{dead}.json"))
    assert note["vault"] == dead
    assert vault.get("pins/east/db-1.json") == b"pin"
    assert vault.order == (alive, dead)
    assert f"WARNING: vault {dead} does not answer" in caplog.text
    assert "cannot be known" in caplog.text


def test_a_silent_vault_costs_a_moment_once_and_not_per_request(world: World) -> None:
    world.away("first", Absence.SILENT)
    began = time.monotonic()
    vault = world.command()
    for number in range(1, 20):
        vault.create(f"runs/a/{number:06}.json", b"event")
        vault.list("runs")
    assert time.monotonic() - began < GRACE * 5


@pytest.mark.parametrize("absence", list(Absence)[:3])
@pytest.mark.parametrize("dead", NAMES[:2])
def test_a_vault_that_falls_silent_within_a_command_is_left_out(
    world: World, dead: str, absence: Absence, caplog: pytest.LogCaptureFixture
) -> None:
    alive = "second" if dead == "first" else "first"
    vault = world.command()
    vault.put("pins/east/db-1.json", b"before")
    world.away(dead, absence)
    assert vault.create("epoch/00000001", b"mine")
    vault.put("pins/east/db-1.json", b"after")
    assert vault.get("pins/east/db-1.json") == b"after"
    assert vault.list("epoch") == ("epoch/00000001",)
    assert world.alone(alive).list("away") == (f"away/{dead}.json",)
    assert caplog.text.count("is left out for the rest") == 1


def test_a_slow_vault_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    vault, first = world.command(), world.raw["first"]
    vault.list()
    looked = first.look

    def slow(prefix: str, *, after: str = "") -> object:
        time.sleep(GRACE * 3)
        return looked(prefix, after=after)

    monkeypatch.setattr(first, "look", slow)
    assert vault.look("runs") == ()
    assert vault.order == ("first", "second")


def test_a_vault_that_takes_no_writes_lacks_them_and_does_not_lead_any_more(world: World) -> None:
    world.command().put("pins/east/db-1.json", b"before")
    world.away("first", Absence.READS_ONLY)
    vault = world.command()
    vault.put("pins/east/db-1.json", b"after")
    assert vault.get("pins/east/db-1.json") == b"after"
    assert vault.order == ("second", "first")
    assert world.alone("second").list("away") == ("away/first.json",)


def test_where_no_vault_takes_a_write_it_failed(world: World) -> None:
    vault = world.command()
    vault.list()
    for name in world.raw:
        world.away(name)
    with pytest.raises(VaultUnavailable):
        vault.put("pins/east/db-1.json", b"pin")
    with pytest.raises(VaultUnavailable):
        vault.create("epoch/00000001", b"mine")


def test_where_no_vault_answers_all_are_named_and_the_next_request_asks_again(
    world: World,
) -> None:
    for name in world.raw:
        world.away(name)
    vault = world.command()
    with pytest.raises(VaultUnavailable, match="first and second: none answers"):
        vault.list()
    world.back("second")
    assert vault.list() == ()


def test_the_last_vault_is_asked_again_as_a_single_one_is(world: World) -> None:
    world.away("first")
    vault = world.command()
    vault.put("pins/east/db-1.json", b"pin")
    world.away("second")
    with pytest.raises(VaultUnavailable):
        vault.get("pins/east/db-1.json")
    world.back("second")
    assert vault.get("pins/east/db-1.json") == b"pin"


def test_a_deletion_that_the_leading_vault_refuses_is_refused(world: World) -> None:
    vault = world.command()
    vault.put("pins/east/db-1.json", b"pin")
    world.away("first", Absence.READS_ONLY)
    with pytest.raises(VaultRefused):
        vault.delete("pins/east/db-1.json")


# Who leads


def test_the_first_that_is_not_known_to_lack_something_leads(three: World) -> None:
    three.away("first")
    three.command().put("pins/east/db-1.json", b"new")
    three.back("first")
    vault = three.command()
    assert vault.get("pins/east/db-1.json") == b"new"
    assert vault.order == ("second", "third", "first")


def test_a_vault_that_comes_back_is_written_to_and_not_read_from(world: World) -> None:
    world.command().put("pins/east/db-1.json", b"old")
    world.away("first")
    world.command().put("pins/east/db-1.json", b"new")
    world.back("first")
    vault = world.command()
    vault.put("machine-images/east.json", b"image")
    assert world.alone("first").get("machine-images/east.json") == b"image"
    assert vault.get("pins/east/db-1.json") == b"new"


def test_a_vault_that_comes_back_knows_by_itself_that_it_lacks_something(world: World) -> None:
    world.away("first")
    world.command().put("pins/east/db-1.json", b"new")
    world.back("first")
    world.command().put("machine-images/east.json", b"image")
    world.away("second")
    assert world.command().roll.is_complete is False


@pytest.mark.parametrize("chain", [layout.EPOCHS, layout.LEASES])
def test_a_vault_that_comes_back_with_less_does_not_lead(world: World, chain: str) -> None:
    for number in (1, 2):
        assert NumberedChain(world.command(), chain).append(number, str(number).encode())
    world.empty("first")
    vault = world.command()
    assert vault.order == ("second", "first")
    assert NumberedChain(vault, chain).highest() == 2


def test_whoever_knows_a_higher_epoch_leads_though_it_was_away(world: World) -> None:
    EpochChain(world.command()).claim(EpochRecord(1, "east", "run-1", AT))
    world.away("second")
    EpochChain(world.command()).claim(EpochRecord(2, "north", "run-2", AT))
    world.back("second")
    world.away("first")
    world.command().put("pins/east/db-1.json", b"pin")  # by somebody who cannot know better
    world.back("first")
    current = EpochChain(world.command()).current()
    assert current is not None
    assert current.epoch == 2


def test_while_none_is_complete_what_any_of_them_has_is_found(world: World) -> None:
    world.away("second")
    world.command().put("pins/east/db-1.json", b"one")
    world.back("second")
    world.away("first")
    world.command().put("pins/east/db-2.json", b"two")
    world.back("first")
    vault = world.command()
    assert not vault.roll.is_complete
    assert vault.list("pins") == ("pins/east/db-1.json", "pins/east/db-2.json")
    assert vault.get("pins/east/db-1.json") == b"one"
    assert vault.get("pins/east/db-2.json") == b"two"
    with pytest.raises(KeyMissing):
        vault.get("pins/east/db-3.json")


def test_two_commands_with_different_views_meet_at_the_lease(world: World) -> None:
    """One sees the second vault alone and holds the lease there; the other sees both."""
    world.away("first")
    assert NumberedChain(world.command(), layout.LEASES).append(1, b"theirs")
    world.back("first")
    chain = NumberedChain(world.command(), layout.LEASES)
    assert chain.highest() == 1
    assert chain.get(1).body == b"theirs"


def test_a_lease_that_is_taken_just_now_makes_no_vault_incomplete(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The leading vault was asked before another command's claim, the second one after it."""
    first, second = world.raw["first"], world.raw["second"]
    listed, asked = {"first": first.list, "second": second.list}, Event()

    def before(prefix: str = "") -> tuple[str, ...]:
        found = listed["first"](prefix)
        if prefix == layout.LEASES and not asked.is_set():
            for name in world.raw:
                world.alone(name).create("lease/00000001", b"theirs")
            asked.set()
        return found

    def after(prefix: str = "") -> tuple[str, ...]:
        asked.wait(60.0)
        return listed["second"](prefix)

    monkeypatch.setattr(first, "list", before)
    monkeypatch.setattr(second, "list", after)
    assert world.command().roll.lacking == {}


# Damage


def test_a_damaged_object_is_read_from_another_vault_and_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.command().put("pins/east/db-1.json", b"pin")
    world.damage("first", "pins/east/db-1.json")
    assert world.command().get("pins/east/db-1.json") == b"pin"
    assert "of vault first is damaged" in caplog.text
    assert "read from vault second" in caplog.text


def test_an_object_that_is_damaged_everywhere_is_damaged(world: World) -> None:
    world.command().put("pins/east/db-1.json", b"pin")
    for name in world.raw:
        world.damage(name, "pins/east/db-1.json")
    with pytest.raises(Damaged, match="vault first"):
        world.command().get("pins/east/db-1.json")


def test_what_an_incomplete_vault_has_is_no_answer_for_what_is_damaged(world: World) -> None:
    """It may be what was true before."""
    world.command().put("pins/east/db-1.json", b"old")
    world.away("second")
    world.command().put("pins/east/db-1.json", b"new")
    world.back("second")
    world.damage("first", "pins/east/db-1.json")
    with pytest.raises(Damaged):
        world.command().get("pins/east/db-1.json")


def test_a_damaged_note_still_says_who_was_away(world: World) -> None:
    world.away("first")
    world.command().put("pins/east/db-1.json", b"pin")
    world.back("first")
    world.damage("second", "away/first.json")
    assert world.command().order == ("second", "first")


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
        world = World()
        if dead:
            world.away(dead)
        line = Line(trouble, at)
        try:
            _moves(world.command(line, grace=5.0), b"lease 1")
            finished = len(line.asked) < at
        except (Killed, VaultUnavailable):
            finished = False
        _moves(world.command(grace=5.0), b"lease 2")
        vault = world.command(grace=5.0)
        assert vault.get("epoch-00000001/release.json") == b"release"
        current = EpochChain(vault).current()
        assert current is not None, (trouble, at)
        for name in vault.roll.answering:
            if name not in vault.roll.lacking:
                assert EpochChain(world.alone(name)).current() == current, (trouble, at, name)
        if finished:
            break
    else:
        pytest.fail("it never ended without trouble")
