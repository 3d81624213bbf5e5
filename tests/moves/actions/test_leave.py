"""An address is given away only once nobody is led to it by the application's name."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.models.dns import DnsModel, Unanswered
from tests.models.line import Line
from tests.models.scene import Process, Scene, Written
from tests.models.stories import as_process, reach

from liferaft.config import Config
from liferaft.dns import authoritative, departures
from liferaft.dns.authoritative import ServerAnswer
from liferaft.failures import DeadlinePassed, Refused
from liferaft.moves import deploy, destroy, facts, failover, snapshot
from liferaft.moves.actions import leave
from liferaft.moves.actions.dns import VENDOR_SECONDS
from liferaft.plan.plan import Plan
from liferaft.vault import Vault, layout

pytestmark = pytest.mark.usefixtures("modelled")

APP = ("www", "A")
Deciding = Callable[[Config, Vault], Plan]


async def play(
    scene: Scene, given: Written, deciding: Deciding, *, line: Line | None = None, to: str = ""
) -> float:
    """The steps of a plan in their order, up to one. Seconds that were waited for."""
    began = scene.slept
    plan = deciding(given.config, Process(scene, given, "east", 1).vault)
    for step in plan.order():
        if step.name == to:
            break
        secrets = plan.inputs.secrets_epoch
        one = Process(scene, given, plan.site, secrets, line or Line())
        with as_process(one) as process:
            await reach(process, step)
    return scene.slept - began


def destroying(site: str) -> Deciding:
    return lambda c, v: destroy.plan(c, facts.for_destroy(c, v, site))


@pytest.fixture
async def deployed(given: Written) -> Scene:
    """The application at east; north is ready."""
    scene = Scene()
    await play(scene, given, lambda c, v: deploy.plan(c, facts.for_deploy(c, v, "east")))
    await play(scene, given, lambda c, v: deploy.plan(c, facts.for_deploy(c, v, "north")))
    return scene


async def fail_over(scene: Scene, given: Written, *, to: str = "") -> None:
    await play(scene, given, lambda c, v: snapshot.plan(c, facts.for_snapshot(c, v, "east")))
    await play(
        scene, given, lambda c, v: failover.plan(c, facts.for_failover(c, v, "north")), to=to
    )


def addresses(scene: Scene, cloud: str) -> list[str]:
    return [one.facts.address for one in scene.accounts[cloud].of("address").values()]


async def test_the_site_that_reigns_is_taken_out_of_the_zone_and_its_ttl_waited_for(
    deployed: Scene, given: Written
) -> None:
    (address,) = addresses(deployed, "aws")
    assert deployed.zone[APP]["value"] == address
    waited = await play(deployed, given, destroying("east"), to="destroy")
    assert APP not in deployed.zone
    assert 60 < waited <= 60 + VENDOR_SECONDS
    assert addresses(deployed, "aws") == [address]
    await play(deployed, given, destroying("east"))
    assert addresses(deployed, "aws") == []


async def test_a_site_that_the_name_never_led_to_is_destroyed_without_a_wait(
    deployed: Scene, given: Written
) -> None:
    before = dict(deployed.zone)
    assert await play(deployed, given, destroying("north")) == 0
    assert deployed.zone == before


async def test_a_former_site_is_destroyed_at_once_where_its_departure_is_long_ago(
    deployed: Scene, given: Written
) -> None:
    await fail_over(deployed, given)
    deployed.slept += 60 + VENDOR_SECONDS
    before = dict(deployed.zone)
    assert await play(deployed, given, destroying("east")) == 0
    assert deployed.zone == before


async def test_a_failover_that_is_younger_than_the_ttl_is_waited_for(
    deployed: Scene, given: Written
) -> None:
    await fail_over(deployed, given)
    deployed.slept += 20
    assert 40 < await play(deployed, given, destroying("east"), to="destroy") <= 60


async def test_the_ttl_is_that_of_the_record_which_was_there_and_not_the_configurations(
    deployed: Scene, given: Written
) -> None:
    deployed.zone[APP]["ttl"] = 200
    waited = await play(deployed, given, destroying("east"), to="destroy")
    assert 200 < waited <= 200 + VENDOR_SECONDS


async def test_the_name_is_moved_back_from_a_failover_that_was_given_up(
    deployed: Scene, given: Written
) -> None:
    await fail_over(deployed, given, to="fence")
    (east,) = addresses(deployed, "aws")
    (north,) = addresses(deployed, "hetzner")
    assert deployed.zone[APP]["value"] == north
    assert await play(deployed, given, destroying("north")) >= 60
    assert deployed.zone[APP]["value"] == east


async def test_the_second_of_two_runs_waits_for_what_the_first_took_out(
    deployed: Scene, given: Written
) -> None:
    await play(deployed, given, destroying("east"), to="outlast")
    assert APP not in deployed.zone
    assert await play(deployed, given, destroying("east"), to="destroy") > 60


async def test_a_site_without_an_address_asks_no_vendor_and_waits_for_nobody(
    deployed: Scene, given: Written
) -> None:
    await play(deployed, given, destroying("east"))
    line = Line()
    assert await play(deployed, given, destroying("east"), line=line) == 0
    assert not any(asked.startswith("dns: ") for asked in line.asked)


async def test_a_longer_ttl_than_anybody_waits_for_is_told_with_its_end(
    deployed: Scene, given: Written
) -> None:
    deployed.zone[APP]["ttl"] = 86400
    with pytest.raises(DeadlinePassed, match=r"until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC") as caught:
        await play(deployed, given, destroying("east"))
    assert "still the site's" in caught.value.facts.safe
    assert len(addresses(deployed, "aws")) == 1
    deployed.slept += 86400 + VENDOR_SECONDS
    assert await play(deployed, given, destroying("east")) == 0


async def test_an_address_stays_while_a_vendor_does_not_answer(
    deployed: Scene, given: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unanswered(*_: object, **__: object) -> bool:
        raise Unanswered("connection timed out")

    monkeypatch.setattr(DnsModel, "populate", unanswered)
    with pytest.raises(Refused, match="cannot be told: The DNS vendor one gave an error") as caught:
        await play(deployed, given, destroying("east"))
    (address,) = addresses(deployed, "aws")
    assert caught.value.facts.safe == f"{address} is still the address of east."
    assert "take it out of the zone's delegation" in caught.value.facts.do


@pytest.mark.parametrize("answered", ["nothing", "the site", "the vendor's own address"])
async def test_a_vendor_that_shows_nothing_of_the_zone_is_not_believed(
    deployed: Scene, given: Written, monkeypatch: pytest.MonkeyPatch, answered: str
) -> None:
    """Neither where no name server can be asked, nor where one leads to the site, nor where it may:
    a vendor that stands before sites answers with addresses of its own."""
    (address,) = addresses(deployed, "aws")
    led = {"the site": address, "the vendor's own address": "104.16.0.1"}.get(answered, "")
    said = (ServerAnswer("ns1.vendor.test (192.0.2.53)", frozenset({led}), 60),)

    async def asked(*_: str) -> tuple[ServerAnswer, ...]:
        return said if led else ()

    monkeypatch.setattr(authoritative, "ask_all", asked)
    deployed.zone.clear()
    with pytest.raises(Refused, match="is not known") as caught:
        await play(deployed, given, destroying("east"))
    assert addresses(deployed, "aws") == [address]
    assert "take the vendor out of the configuration" in caught.value.facts.do


async def test_a_zone_in_which_ours_was_the_only_record_is_left_with_it(
    deployed: Scene, given: Written
) -> None:
    """Classes such as Cloudflare's say of an empty zone what they say of one that is not ours."""
    only = deployed.zone[APP]
    deployed.zone.clear()
    deployed.zone[APP] = only
    await play(deployed, given, destroying("east"), to="outlast")
    assert deployed.zone == {}
    await play(deployed, given, destroying("east"))
    assert addresses(deployed, "aws") == []


async def test_what_a_name_server_still_answers_is_waited_for_though_the_vendor_took_it_out(
    deployed: Scene, given: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    (address,) = addresses(deployed, "aws")
    late = ServerAnswer("ns9.old.test (192.0.2.99)", frozenset({address}), 60)
    answers = iter([(late,), (late,), *[()] * 9])

    async def asked(*_: str) -> tuple[ServerAnswer, ...]:
        return next(answers)

    monkeypatch.setattr(authoritative, "ask_all", asked)
    assert await play(deployed, given, destroying("east"), to="destroy") >= 60


async def test_a_vendor_outside_the_configuration_that_leads_there_keeps_the_address(
    deployed: Scene, given: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    (address,) = addresses(deployed, "aws")
    late = ServerAnswer("ns9.old.test (192.0.2.99)", frozenset({address}), 60)

    async def asked(*_: str) -> tuple[ServerAnswer, ...]:
        return (late,)

    monkeypatch.setattr(authoritative, "ask_all", asked)
    monkeypatch.setattr(leave, "PUBLISHED_SECONDS", 0.0)
    with pytest.raises(Refused, match=r"ns9\.old\.test \(192\.0\.2\.99\) answers") as caught:
        await play(deployed, given, destroying("east"))
    assert "take it out of the delegation" in caught.value.facts.do
    assert addresses(deployed, "aws") == [address]


async def test_the_departure_is_in_the_vault_before_the_vendor_is_asked_for_the_change(
    deployed: Scene, given: Written
) -> None:
    (address,) = addresses(deployed, "aws")
    plan = destroying("east")(given.config, Process(deployed, given, "east", 1).vault)
    line = Line()
    with as_process(Process(deployed, given, "east", 1, line)) as process:
        await reach(process, plan.order()[0])
    noted = next(
        i for i, asked in enumerate(line.asked) if layout.departures_from(address) in asked
    )
    assert noted < line.asked.index("dns: change the zone")


async def test_a_departure_that_a_slow_vault_noted_late_is_noted_again(
    deployed: Scene, given: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the change could come after the last moment that is noted for it."""
    (address,) = addresses(deployed, "aws")
    vault = Process(deployed, given, "east", 1).vault
    note, changed = departures.note, DnsModel._apply
    moments = []

    def slow(*noted: Any) -> None:
        note(*noted)
        if APP in deployed.zone:
            deployed.slept += 2 * VENDOR_SECONDS

    def seen(self: DnsModel, plan: Any) -> None:
        moments.append(departures.now())
        changed(self, plan)

    monkeypatch.setattr(departures, "note", slow)
    monkeypatch.setattr(DnsModel, "_apply", seen)
    await play(deployed, given, destroying("east"), to="outlast")
    (noted,) = departures.departures(vault, address)
    assert [noted.at > moment for moment in moments] == [True]


async def test_the_next_run_waits_out_what_the_last_one_saw_name_servers_answer(
    deployed: Scene, given: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No vendor of the configuration tells that TTL, and the servers say nothing of it any more."""
    (address,) = addresses(deployed, "aws")
    late = ServerAnswer("ns9.old.test (192.0.2.99)", frozenset({address}), 7200)
    answers = iter([(late,), (late,)])

    async def asked(*_: str) -> tuple[ServerAnswer, ...]:
        return next(answers, ())

    monkeypatch.setattr(authoritative, "ask_all", asked)
    for _ in range(2):
        with pytest.raises(DeadlinePassed, match="had a TTL"):
            await play(deployed, given, destroying("east"), to="destroy")
        assert addresses(deployed, "aws") == [address]
    deployed.slept += 7200
    assert await play(deployed, given, destroying("east"), to="destroy") <= 60
