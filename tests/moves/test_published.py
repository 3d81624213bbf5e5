"""No certificate is ordered before every name server of the zone leads to the site."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from tests.models.line import Line
from tests.models.programs.edge import certificate, served
from tests.models.scene import Process, Scene, Written
from tests.models.stories import as_process, reach

from liferaft.dns import authoritative, departures
from liferaft.dns.authoritative import ServerAnswer
from liferaft.dns.departures import Departure
from liferaft.edge import proxy
from liferaft.edge.caddyfile import Edge
from liferaft.edge.certificates import certificate_path
from liferaft.failures import DeadlinePassed
from liferaft.moves import deploy, facts, published
from liferaft.plan import telling
from liferaft.plan.plan import Plan

pytestmark = pytest.mark.usefixtures("modelled")

OLD, PROXY = "192.0.2.200", "198.18.0.1"


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
async def plan(scene: Scene, given: Written) -> Plan:
    """A deploy that has come to its edge."""
    vault = Process(scene, given, "east", 1).vault
    departures.note(vault, Departure(OLD, "one", datetime.now(UTC), 60))
    plan = deploy.plan(given.config, facts.for_deploy(given.config, vault, "east"))
    for step in plan.order():
        if step.name == "edge":
            return plan
        with as_process(Process(scene, given, "east", 1)) as process:
            await reach(process, step)
    raise AssertionError("a deploy has an edge")


class NameServers:
    """What they answer, one question after another; the last answer stays."""

    def __init__(self, *answers: Sequence[str] | None) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, *_: str) -> tuple[ServerAnswer, ...]:
        said = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if said is None:
            return ()
        return tuple(
            ServerAnswer(f"ns{n}.vendor.test", frozenset({address} - {""}), 60)
            for n, address in enumerate(said, 1)
        )


async def raise_edge(scene: Scene, given: Written, plan: Plan) -> list[str]:
    """What it tells on the way."""
    told: list[str] = []
    telling.heard_by(told.append)
    (step,) = (step for step in plan.steps if step.name == "edge")
    with as_process(Process(scene, given, "east", 1, Line())) as process:
        await reach(process, step)
    return told


def address(scene: Scene) -> str:
    (one,) = scene.accounts["aws"].of("address").values()
    return str(one.facts.address)


async def test_caddy_starts_only_once_the_last_server_leads_to_the_site(
    scene: Scene, given: Written, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = address(scene)
    servers = NameServers([ours, OLD], [ours, ""], [ours, OLD], [ours, ours])
    monkeypatch.setattr(authoritative, "ask_all", servers)
    installed: list[int] = []
    install = proxy.install

    async def seen(*words: object, **named: object) -> bool:
        installed.append(servers.asked)
        return await install(*words, **named)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(proxy, "install", seen)
    await raise_edge(scene, given, plan)
    assert installed == [4]


async def test_a_server_that_never_publishes_stops_it_before_an_order_is_wasted(
    scene: Scene, given: Written, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authoritative, "ask_all", NameServers([address(scene), OLD]))
    monkeypatch.setattr(published, "PUBLISHED_SECONDS", 0.0)
    with pytest.raises(DeadlinePassed, match=rf"ns2\.vendor\.test answers {OLD}") as caught:
        await raise_edge(scene, given, plan)
    assert "No certificate was ordered" in caught.value.facts.safe
    assert not any(served(machine) for machine in scene.machines.values())


async def test_a_vendors_own_proxy_before_the_address_is_not_waited_for(
    scene: Scene, given: Written, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = NameServers([PROXY, PROXY])
    monkeypatch.setattr(authoritative, "ask_all", servers)
    await raise_edge(scene, given, plan)
    assert servers.asked == 1


async def test_where_no_server_can_be_asked_it_is_told_and_gone_on(
    scene: Scene, given: Written, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authoritative, "ask_all", NameServers(None))
    told = await raise_edge(scene, given, plan)
    assert "the name servers of chirp.test cannot be asked from here" in told


async def test_nobody_is_asked_where_a_valid_certificate_came_back(
    scene: Scene, given: Written, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = NameServers([OLD])
    monkeypatch.setattr(authoritative, "ask_all", servers)
    for machine in scene.machines.values():
        path = certificate_path(
            Edge(given.config.app.domain, "ops@chirp.test", given.config.tls.acme_directory)
        )
        machine.files.make_folder(path.rpartition("/")[0], 0o700)
        machine.files.write(path, certificate(given.config.app.domain), machine.clock, 0o600)
    await raise_edge(scene, given, plan)
    assert servers.asked == 0
