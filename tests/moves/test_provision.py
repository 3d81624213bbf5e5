"""What is left alone, and how the engine's errors reach a person."""

from dataclasses import dataclass, field

import pytest

from liferaft.failures import Facts, Refused
from liferaft.hosts.trust import Pin
from liferaft.moves.actions.provision import (
    NotProvisioned,
    ProgramRaised,
    Provision,
    require_ok,
)
from liferaft.provision.engine.contract import Diagnostic, Outcome
from liferaft.site.stack import has_servers
from liferaft.site.world import World
from liferaft.vault import CheckedVault


def test_a_clouds_refusal_is_told_with_its_code_what_is_safe_and_what_to_do() -> None:
    facts = Facts("aws: creating key x failed: Auth: no", "Nothing.", "Check.", {"code": "A"})
    said = Diagnostic("error", f"{facts.happened}. {facts.safe} {facts.do}", "urn:a", facts)
    other = Diagnostic("error", "another", "urn:b")
    with pytest.raises(NotProvisioned) as raised:
        require_ok(Outcome(ok=False, diagnostics=(said, said, other)), "aws-east")
    shown = raised.value.facts
    assert shown.happened.endswith(facts.happened)
    assert (shown.safe, shown.do) == ("Nothing.", "Check.")
    assert shown.details == {"code": "A", "also 1": "another"}


def test_a_program_that_raises_is_told_in_one_sentence_and_a_place() -> None:
    text = (
        "Program failed with an unhandled exception:\nTraceback (most recent call last):\n"
        '  File "/app/__main__.py", line 6, in <module>\n    raise ValueError("boom")\n'
        "ValueError: boom\n\n"
    )
    with pytest.raises(ProgramRaised, match="aws-east raised ValueError: boom") as raised:
        require_ok(Outcome(ok=False, diagnostics=(Diagnostic("error", text),)), "aws-east")
    assert raised.value.facts.details == {"where": 'File "/app/__main__.py", line 6, in <module>'}
    assert "Traceback" not in str(raised.value)


URN = "urn:pulumi:north::chirp::liferaft:index:Site$liferaft:index:Server::db-1"
SERVER = {"type": "liferaft:index:Server", "urn": URN}


class WithServers:
    """An engine whose stack has servers, and which must only be asked what it has."""

    async def export(self, request: object) -> dict[str, object]:
        return {
            "deployment": {
                "resources": [{"type": "liferaft:index:Network", "urn": "urn:network"}, SERVER]
            }
        }


async def test_a_failover_that_goes_on_does_not_take_its_own_servers_for_too_many(
    world: World,
) -> None:
    world.site.engine = WithServers()  # type: ignore[assignment]  # the rest must not be called
    assert await Provision("north", 2, servers=False).holds(world)
    assert not await Provision("north", 2, servers=True).holds(world)


def test_a_server_that_a_killed_run_was_creating_counts_as_one() -> None:
    assert has_servers({"deployment": {"pending_operations": [{"resource": SERVER}]}})
    assert not has_servers({"deployment": {"resources": [{"type": "pulumi:pulumi:Stack"}]}})
    assert not has_servers({})


@dataclass
class Previewing(WithServers):
    """An engine that would do these operations to the database server."""

    op: str
    done: list[str] = field(default_factory=list)

    async def preview(self, request: object, on_event: object) -> Outcome:
        return Outcome(ok=True, steps=((self.op, URN),))

    async def up(self, request: object, on_event: object) -> Outcome:
        self.done.append("up")
        return Outcome(ok=True)


@pytest.mark.parametrize("op", ["replace", "delete"])
async def test_a_server_with_the_database_is_never_replaced_on_the_way(
    world: World, op: str
) -> None:
    engine = Previewing(op)
    world.site.engine = engine  # type: ignore[assignment]  # the rest must not be called
    with pytest.raises(Refused, match="would replace db-1 at north, which holds the database"):
        await Provision("north", 2, servers=True).apply(world)
    assert engine.done == []


async def test_a_server_with_the_database_that_stays_is_no_hindrance(world: World) -> None:
    engine = Previewing("same")
    world.site.engine = engine  # type: ignore[assignment]  # the rest must not be called
    await Provision("north", 2, servers=True).apply(world)
    assert engine.done == ["up"]


async def test_a_site_with_the_database_does_not_move_to_another_region(world: World) -> None:
    provider = {
        "type": "pulumi:providers:liferaft",
        "urn": "urn:provider",
        "id": "1",
        "inputs": {"cloud": "hetzner", "region": "nbg1"},
    }

    there = {**SERVER, "provider": "urn:provider::1"}

    class Elsewhere(Previewing):
        async def export(self, request: object) -> dict[str, object]:
            return {"deployment": {"resources": [provider, there]}}

    engine = Elsewhere("same")
    world.site.engine = engine  # type: ignore[assignment]  # the rest must not be called
    with pytest.raises(Refused, match=r"stands at hetzner nbg1, .* now says hetzner fsn1"):
        await Provision("north", 2, servers=True).apply(world)
    assert engine.done == []


async def test_a_damaged_host_key_of_servers_that_are_gone_stops_no_new_ones(world: World) -> None:
    vault = world.site.vault
    assert isinstance(vault, CheckedVault)
    for server in ("db-1", "app-1"):
        await world.servers.keep_pin(server, Pin("ssh-ed25519 AAAA", settled=True))
    vault.raw.put("pins/north/db-1.json", b"hello")
    await world.servers.drop_damaged_pins()
    assert await world.servers.pin("db-1") is None
    assert await world.servers.pin("app-1") is not None
