"""One suite for everything that claims to be a cloud."""

import secrets
import time
from dataclasses import dataclass, replace
from functools import partial
from operator import eq
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.wrappers import Response

from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.contract import Cloud, Owner, TakenByAnotherSpec, Unsupported
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.kinds import (
    KINDS,
    AddressSpec,
    BucketSpec,
    FirewallSpec,
    NetworkSpec,
    Rule,
    ServerSpec,
    SshKeySpec,
)
from liferaft.clouds.sizes import NoSizeFits, Wanted
from liferaft.failures import DeadlinePassed

if TYPE_CHECKING:
    from collections.abc import Callable

HURRY = Patience(
    attempts=4,
    budget=10,
    wait_initial=0.01,
    wait_max=0.05,
    jitter=0,
    poll=0.01,
    poll_max=0.05,
    settle=0.05,
    ready=5,
    gone=1,
)
pytestmark = pytest.mark.sandbox  # half a minute for each cloud
MOST_CALLS = 20
SITE = "here"
EVERYWHERE = ("0.0.0.0/0",)
IN_PLACE = ("firewall",)
# What a bucket is made from is its name alone, and what a firewall is made from is updated.
MADE_FROM_MORE_THAN_A_NAME = ("network", "ssh_key", "server")


@pytest.fixture
def app() -> str:
    """An app of this test alone: nobody resets the account in between."""
    return f"chirp-{secrets.token_hex(4)}"


@dataclass
class Home:
    """Makes specs whose references exist, creating what they refer to on the way."""

    cloud: Cloud
    public_key: str
    app: str

    def owner(self, of: str) -> Owner:
        urn = f"urn:pulumi:{SITE}::{self.app}::liferaft:index:Thing::{of}"
        return Owner.of(urn, app=self.app, site=SITE, epoch=1)

    def spec(self, kind: str) -> Any:
        makers: dict[str, Callable[[], Any]] = {
            "network": lambda: NetworkSpec("network", subnet_range="10.20.0.0/20"),
            "firewall": self._firewall,
            "ssh_key": lambda: SshKeySpec("operators", self.public_key),
            "address": lambda: AddressSpec("entry"),
            "server": self._server,
            "bucket": lambda: BucketSpec(f"{self.app}-media"),
        }
        return makers[kind]()

    def make(self, kind: str) -> str:
        """The id of a thing of this kind; the same one every time."""
        return str(self.cloud.kinds[kind].create(self.spec(kind), self.owner(kind)).id)

    def _firewall(self) -> FirewallSpec:
        return FirewallSpec("app", self.make("network"), (Rule("tcp", EVERYWHERE, "22"),))

    def _server(self) -> ServerSpec:
        return ServerSpec(
            name="app-1",
            cpus=2,
            memory=4096,
            network_id=self.make("network"),
            firewall_id=self.make("firewall"),
            ssh_key_id=self.make("ssh_key"),
            private_address="10.20.2.11",
            user_data="#!/bin/sh\ntrue\n",
            address_id=self.make("address"),
        )


@pytest.fixture
def home(world: Any, public_key: str, app: str) -> Home:
    return Home(world.open(HURRY), public_key, app)


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_creating_twice_with_one_token_gives_the_same_thing(home: Home, kind: str) -> None:
    things, spec = home.cloud.kinds[kind], home.spec(kind)
    first = things.create(spec, home.owner(kind))
    assert things.create(spec, home.owner(kind)) == first
    assert len(things.owned_by(app=home.app)) == 1


def test_no_lost_answer_makes_a_second_thing(world: Any, home: Home, kind: str) -> None:
    spec = home.spec(kind)
    before = world.line.changes
    world.line.lose = lambda number: number % 2 == (before + 1) % 2
    made = home.cloud.kinds[kind].create(spec, home.owner(kind))
    world.line.lose = lambda _: False
    assert world.line.changes > before
    assert home.cloud.kinds[kind].create(spec, home.owner(kind)) == made
    assert len(home.cloud.kinds[kind].owned_by(app=home.app)) == 1


def test_a_kill_after_any_call_is_found_and_finished_by_the_next_run(
    world: Any, home: Home, kind: str
) -> None:
    """A run that loses an answer and does not insist has done what a killed one has done."""
    spec, before, killed = home.spec(kind), world.line.changes, 0
    while killed < MOST_CALLS:
        deadly = before + killed + 1
        world.line.lose = partial(eq, deadly)
        try:
            world.open(replace(HURRY, attempts=1)).kinds[kind].create(spec, home.owner(kind))
        except CloudFailure:
            killed += 1
            assert len(home.cloud.kinds[kind].owned_by(app=home.app)) <= 1
        else:
            break
    assert 0 < killed < MOST_CALLS
    world.line.lose = lambda _: False
    made = home.cloud.kinds[kind].create(spec, home.owner(kind))
    assert home.cloud.kinds[kind].read(made.id) == made
    assert len(home.cloud.kinds[kind].owned_by(app=home.app)) == 1


def test_what_was_created_can_be_read_until_it_is_deleted(home: Home, kind: str) -> None:
    things = home.cloud.kinds[kind]
    made = things.create(home.spec(kind), home.owner(kind))
    assert things.read(made.id) == made
    things.delete(made.id)
    assert things.read(made.id) is None
    assert things.owned_by(app=home.app) == []


def test_deleting_what_is_gone_succeeds(home: Home, kind: str) -> None:
    things, ident = home.cloud.kinds[kind], home.make(kind)
    things.delete(ident)
    things.delete(ident)


def test_a_deleted_thing_can_be_created_again(home: Home, kind: str) -> None:
    things = home.cloud.kinds[kind]
    spec = home.spec(kind)
    things.delete(things.create(spec, home.owner(kind)).id)
    again = things.create(spec, home.owner(kind))
    assert things.read(again.id) == again


def test_a_listing_shows_only_the_owners_things(home: Home, kind: str) -> None:
    things, ident = home.cloud.kinds[kind], home.make(kind)
    assert [row.id for row in things.owned_by(app=home.app, site=SITE)] == [ident]
    assert things.owned_by(app=home.app, site="elsewhere") == []
    assert things.owned_by(app="another") == []


@pytest.mark.parametrize("kind", MADE_FROM_MORE_THAN_A_NAME, indirect=False)
def test_what_was_made_from_other_inputs_is_not_taken(
    home: Home, kind: str, public_key: str
) -> None:
    things, spec = home.cloud.kinds[kind], home.spec(kind)
    things.create(spec, home.owner(kind))
    other = {
        "network": {"subnet_range": "10.20.0.0/21"},
        "ssh_key": {"public_key": public_key[:-4] + "AAAA"},
        "server": {"user_data": "#!/bin/sh\nfalse\n"},
    }[kind]
    with pytest.raises(TakenByAnotherSpec, match="from other inputs"):
        things.create(replace(spec, **other), home.owner(kind))


def test_a_firewalls_rules_change_in_place(home: Home) -> None:
    firewalls, spec = home.cloud.kinds["firewall"], home.spec("firewall")
    made = firewalls.create(spec, home.owner("firewall"))
    wider = replace(spec, rules=(Rule("tcp", EVERYWHERE, "80-443"), Rule("icmp", EVERYWHERE)))
    assert firewalls.update(made.id, wider) == made
    assert firewalls.update(made.id, wider) == made


def test_what_cannot_change_in_place_says_so(home: Home, kind: str) -> None:
    if kind in IN_PLACE:
        assert KINDS[kind].updatable
        return
    assert not KINDS[kind].updatable
    with pytest.raises(Unsupported, match="cannot change") as refused:
        home.cloud.kinds[kind].update("1", home.spec(kind))
    assert "liferaft.toml" in refused.value.facts.do


def test_a_server_has_its_private_and_the_reserved_address(home: Home) -> None:
    address = home.cloud.kinds["address"].create(home.spec("address"), home.owner("address"))
    server = home.cloud.kinds["server"].create(home.spec("server"), home.owner("server"))
    assert server.private_address == "10.20.2.11"
    assert server.public_address == address.address


def test_a_server_without_a_reserved_address_gets_one_of_its_own(home: Home) -> None:
    spec = replace(home.spec("server"), address_id=None)
    server = home.cloud.kinds["server"].create(spec, home.owner("server"))
    assert server.public_address


def test_the_machine_gets_exactly_the_user_data(world: Any, home: Home) -> None:
    home.make("server")
    assert world.machines.machines[-1].user_data == b"#!/bin/sh\ntrue\n"


@pytest.mark.parametrize("used", ["network", "firewall", "address"])
def test_what_is_in_use_is_refused_after_a_bounded_wait(home: Home, used: str) -> None:
    server = home.make("server")
    with pytest.raises(CloudFailure) as refused:
        home.cloud.kinds[used].delete(home.make(used))
    assert refused.value.classification.verdict is Verdict.REFUSED
    home.cloud.kinds["server"].delete(server)
    if used == "network":
        home.cloud.kinds["firewall"].delete(home.make("firewall"))
    home.cloud.kinds[used].delete(home.make(used))


def test_a_server_that_never_runs_ends_in_a_named_deadline(world: Any, home: Home) -> None:
    spec = home.spec("server")
    world.machines.booting = True
    impatient = world.open(replace(HURRY, ready=0.2))
    with pytest.raises(DeadlinePassed, match=r"waited 0\.2 s for .*server chirp-.*-app-1"):
        impatient.kinds["server"].create(spec, home.owner("server"))
    world.machines.booting = False
    assert home.cloud.kinds["server"].create(spec, home.owner("server")).public_address


def test_a_burst_of_errors_is_ridden_out(world: Any, home: Home) -> None:
    world.line.burst = [Response("no", 503), Response("no", 502), Response("no", 500)]
    assert home.cloud.kinds["address"].create(AddressSpec("entry"), home.owner("address")).address


def test_a_longer_burst_is_called_an_outage(world: Any, home: Home) -> None:
    world.line.burst = [Response("no", 503) for _ in range(HURRY.attempts)]
    with pytest.raises(CloudFailure) as failed:
        home.cloud.kinds["address"].read("1")
    assert failed.value.classification.verdict is Verdict.OUTAGE
    assert world.line.burst == []


def test_retry_after_is_honoured_within_the_budget(world: Any, home: Home) -> None:
    world.line.burst = [world.throttled(seconds=1)]
    started = time.monotonic()
    home.cloud.account()
    assert time.monotonic() - started >= 1


def test_a_retry_after_beyond_the_budget_is_not_waited_for(world: Any, home: Home) -> None:
    world.line.burst = [world.throttled(seconds=3600)]
    with pytest.raises(CloudFailure) as failed:
        home.cloud.account()
    assert failed.value.classification.verdict is Verdict.THROTTLE


def test_an_unreachable_control_plane_is_an_outage(world: Any) -> None:
    nowhere = {
        name: "http://127.0.0.1:9" if value.startswith("http") else value
        for name, value in world.credentials.items()
    }
    cloud = replace(world, credentials=nowhere).open_anew(HURRY)
    with pytest.raises(CloudFailure) as failed:
        cloud.account()
    assert failed.value.classification.verdict is Verdict.OUTAGE


def test_a_suspended_account_is_told_from_an_outage(world: Any, home: Home) -> None:
    home.make("network")
    world.say("suspend")
    with pytest.raises(CloudFailure) as failed:
        home.cloud.kinds["network"].owned_by(app=home.app)
    meaning = failed.value.classification
    # Hetzner documents no code for a suspension.
    expected = {"aws": (Verdict.TERMINAL, "Blocked"), "hetzner": (Verdict.AMBIGUOUS, None)}
    verdict, code = expected[world.name]
    assert meaning.verdict is verdict
    assert code in (None, meaning.code)
    assert meaning.evidence
    assert failed.value.facts.details["verdict"] == verdict.value


def test_no_secret_is_shown(world: Any, home: Home) -> None:
    world.say("suspend")
    with pytest.raises(CloudFailure) as failed:
        home.cloud.account()
    shown = f"{failed.value.facts!r} {failed.value!r} {home.cloud!r}"
    for name, value in world.credentials.items():
        if "SECRET" in name or "TOKEN" in name:
            assert value not in shown


def test_the_cheapest_type_that_fits_is_chosen(home: Home) -> None:
    size = home.cloud.sizes(Wanted(cpus=2, memory=4096, disk=20, architecture="x86_64"))[0]
    assert size.cpus >= 2
    assert size.memory >= 4096
    assert not size.name.startswith("t")


def test_a_size_that_nobody_offers_is_refused(home: Home) -> None:
    with pytest.raises(NoSizeFits, match="100000 CPUs"):
        home.cloud.sizes(Wanted(cpus=100_000, memory=1, disk=1, architecture="x86_64"))
    with pytest.raises(NoSizeFits, match="no-such-type"):
        home.cloud.sizes(Wanted(1, 1, 1, "x86_64", machine_types=("no-such-type",)))
