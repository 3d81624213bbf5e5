"""What a person is told of what a drill's servers asked for and were denied."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.models.scene import TOML, Scene, written
from tests.models.stories import Scenario, as_process, scenarios
from tests.models.two_vaults import OTHERS, with_second

from liferaft.data.postgres import binding
from liferaft.failures import Unproven
from liferaft.hosts.isolation.denials import Denied
from liferaft.moves.actions.isolate import IsolateServer, ListDenied, sentences
from liferaft.remote import Host
from liferaft.site.reach import vault_accesses


def row(**told: Any) -> dict[str, Any]:
    usual = {"server": "app-1", "by": "container app_web_1", "asked": "smtp.mail.example"}
    return {**usual, "names": [], "how": "A", "port": None, "count": 1, "known": "", **told}


def test_a_name_that_was_asked_for_in_several_ways_is_one_dependency() -> None:
    found = sentences([row(count=2), row(how="AAAA", count=3)])
    assert found == [
        "container app_web_1 on app-1 asked for smtp.mail.example, 5 times, and was denied it"
    ]


def test_who_asked_is_told_apart_and_a_call_has_its_port_and_names() -> None:
    call = row(asked="198.51.100.7", how="tcp", port=443, names=["api.example"], by="user 33")
    assert sentences([row(), call])[1] == (
        "user 33 on app-1 asked for 198.51.100.7 port 443 (api.example), 1 times, and was denied it"
    )


def test_what_servers_ask_for_by_themselves_is_no_dependency() -> None:
    assert not sentences([row(known="apt")])


@pytest.fixture
async def shutting(
    modelled: None,  # noqa: ARG001 - it has to be so before the steps are told
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[Scenario, IsolateServer]:
    """A server of a drill that was equipped, of an application with two vaults."""
    monkeypatch.setattr(Scene, "__post_init__", with_second(Scene.__post_init__))
    # The model of pgBackRest knows one vault.
    monkeypatch.setattr(binding, "vault_accesses", lambda world: vault_accesses(world)[:1])
    async for one in scenarios(
        written(tmp_path, TOML.replace("[sites.east]", f"{OTHERS}[sites.east]"))
    ):
        if isinstance(one.step.action, IsolateServer):
            return one, one.step.action
    raise AssertionError


async def shut(one: Scenario, action: IsolateServer) -> None:
    scene = one.before.copy()
    with as_process(one.process(scene)) as process:
        world = process.world()
        await action.apply(world)
        assert await action.holds(world)
        await action.prove(world)


async def test_a_vault_that_is_missing_is_called_and_turned_away(
    shutting: tuple[Scenario, IsolateServer],
) -> None:
    one, action = shutting
    called = ("objects.other.test:443",)
    await shut(one, replace(action, without=("other",), called=called))
    with pytest.raises(Unproven, match=r"objects\.other\.test:443 .*answers the host"):
        await shut(one, replace(action, called=called))


async def test_what_a_missing_vendor_was_asked_for_is_no_dependency(
    monkeypatch: pytest.MonkeyPatch, shutting: tuple[Scenario, IsolateServer]
) -> None:
    now = datetime.now(UTC)
    by_name = Denied("objects.other.test", "A", None, (), "postgresql", 3, now, now, "")
    by_address = replace(by_name, asked="198.51.100.7", names=("objects.other.test",))
    other = replace(by_name, asked="smtp.mail.example")

    async def found(_: Host) -> tuple[Denied, ...]:
        return by_name, by_address, other

    monkeypatch.setattr("liferaft.moves.actions.isolate.denied", found)
    one, _ = shutting
    with as_process(one.process(one.before.copy())) as process:
        told = await ListDenied(("db-1",), ("objects.other.test",)).apply(process.world())
    (said,) = sentences(told["denied"])
    assert "smtp.mail.example" in said
