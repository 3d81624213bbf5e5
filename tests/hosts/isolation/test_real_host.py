"""A drill's host, for real: who is reached from it, and what it tells afterwards."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.data.conftest import PATIENCE, Lab
from tests.hosts.isolation.conftest import (
    ALLOWED,
    ASKING,
    CONTAINERS,
    DRILLS_ADDRESS,
    ELSEWHERE_IN_THE_LAB,
    NEIGHBOURS,
    VAULT,
    Shut,
)
from tests.hosts.isolation.name_server import TAKEN

from liferaft.clouds.inventory import Inventory, InventoryMachine
from liferaft.clouds.ssh import firewall
from liferaft.failures import Unproven
from liferaft.hosts.isolation.allowed import Allowed, Callee
from liferaft.hosts.isolation.denials import denied
from liferaft.hosts.isolation.isolating import is_isolated, isolate
from liferaft.hosts.isolation.proof import prove_isolated
from liferaft.hosts.isolation.ruleset import BRIDGE_PORT, PORT, TABLE
from liferaft.hosts.isolation.units import GATE_UNIT
from liferaft.remote.waiting import wait_until

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="module"),
]
WEB = "app_web_1"
BY_WEB = f"container {WEB}"
ELSEWHERE = "192.88.1.1"
NO_SUCH_HOST = "192.88.1.99"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shut(laboratory: Lab) -> AsyncIterator[Shut]:
    """With containers `app_web_1` and `app_db_1`."""
    host = laboratory.hosts["one"]
    await host.run("ip -6 address add fd00:99::11/64 dev host0; ip -6 route add default dev host0")
    await host.run(f"echo nameserver {ELSEWHERE_IN_THE_LAB} >/etc/resolv.conf")
    await host.run(CONTAINERS, deadline=180)
    assert await Shut(host, laboratory).asks("before.example"), "anybody is named before"
    assert not await is_isolated(host, ALLOWED)
    await isolate(host, ALLOWED)
    yield Shut(host, laboratory)


async def found(shut: Shut, asked: str) -> set[tuple[str, str, int | None]]:
    """By whom, how and at which port it was asked for in vain."""
    return {(one.by, one.how, one.port) for one in await denied(shut.host) if one.asked == asked}


async def test_a_host_that_was_shut_says_so_of_these_rules_and_no_others(shut: Shut) -> None:
    assert await is_isolated(shut.host, ALLOWED)
    assert not await is_isolated(shut.host, Allowed(ALLOWED.names, (), ALLOWED.own_names))


async def test_a_name_asked_for_in_a_container_is_refused_and_told_with_who_asked(
    shut: Shut,
) -> None:
    assert not await shut.asks("mail.vendor.example", container=WEB)
    assert await found(shut, "mail.vendor.example") >= {(BY_WEB, "A", None)}


async def test_a_name_asked_for_by_a_service_of_the_host_is_refused_and_told_with_its_unit(
    shut: Shut,
) -> None:
    """It is there no more when it is told."""
    await shut.host.run(
        "systemd-run --wait --quiet --collect --unit=nightly bash -c"
        " 'getent hosts hooks.vendor.example; sleep 2' || true"
    )
    assert ("nightly.service", "A", None) in await found(shut, "hooks.vendor.example")


@pytest.mark.parametrize("kind", ["tcp", "udp"])
async def test_an_address_that_a_container_has_in_its_code_is_turned_away_and_told(
    shut: Shut, kind: str
) -> None:
    await shut.call(ELSEWHERE, 4444, kind, container=WEB)
    assert (BY_WEB, kind, 4444) in await found(shut, ELSEWHERE)


@pytest.mark.parametrize("kind", ["tcp", "udp"])
@pytest.mark.parametrize("address", ["192.88.1.2", "2001:db8::77"])
async def test_an_address_that_the_host_calls_is_turned_away_and_told_of_ipv6_too(
    shut: Shut, address: str, kind: str
) -> None:
    assert not await shut.call(address, 4445, kind)
    assert ("user 0", kind, 4445) in await found(shut, address)


async def test_a_unit_that_calls_past_the_resolver_is_told_by_its_name(shut: Shut) -> None:
    await shut.host.run(
        "systemd-run --wait --quiet --collect --unit=hourly bash -c"
        " 'echo >/dev/tcp/192.88.1.3/25; sleep 3' || true"
    )
    assert ("hourly.service", "tcp", 25) in await found(shut, "192.88.1.3")


async def test_a_ping_is_turned_away_and_told(shut: Shut) -> None:
    await shut.host.run("ping -c 1 -W 1 192.88.1.4 || true")
    assert ("user 0", "icmp", None) in await found(shut, "192.88.1.4")


async def test_a_resolver_that_a_container_has_in_its_code_answers_nothing_and_the_name_is_told(
    shut: Shut,
) -> None:
    asking = ["python3", "-c", ASKING, "8.8.8.8", "mail.example"]
    said = await shut.host.run(["podman", "exec", WEB, *asking])
    assert said.text == "5", "refused"
    assert (BY_WEB, "A", None) in await found(shut, "mail.example")


async def test_the_vault_is_reached_from_the_host_and_from_containers(shut: Shut) -> None:
    for container in ("", WEB):
        assert await shut.call(VAULT.name, 8443, "tcp", container=container)
    listed = "rclone --config /root/lab.conf --ca-cert /etc/ssl/liferaft/vault-ca.pem lsd lab:"
    assert "chirp-vault" in await shut.host.text(listed)


@pytest.mark.parametrize("container", ["", WEB])
@pytest.mark.parametrize("name", ["up.example", "moved.example", "deep.below.any.example"])
async def test_an_allowed_name_is_asked_for_outside_and_called(
    shut: Shut, name: str, container: str
) -> None:
    assert await shut.call(name, TAKEN, "tcp", container=container)
    assert name in shut.asked_upstream()


async def test_names_that_are_refused_never_leave_the_host(shut: Shut) -> None:
    """Nor does the question of whoever asks the resolver outside himself."""
    for container in ("", WEB):
        assert not await shut.asks("leaking.example", container=container)
        asking = ["python3", "-c", ASKING, ELSEWHERE_IN_THE_LAB, "leaking.example"]
        inside = ["podman", "exec", container] if container else []
        said = await shut.host.run([*inside, *asking])
        assert said.text == "5", "refused"
    assert not [name for name in shut.asked_upstream() if "leaking" in name]


async def test_another_port_of_an_allowed_name_is_turned_away_and_told_by_that_name(
    shut: Shut,
) -> None:
    assert not await shut.call(VAULT.name, 8333, "tcp")
    told = [one for one in await denied(shut.host) if one.port == 8333]
    assert [one.names for one in told] == [(VAULT.name,)]


async def test_containers_reach_each_other_by_name(shut: Shut) -> None:
    assert await shut.asks("db", container=WEB)
    assert not [one for one in await denied(shut.host) if one.asked.startswith("db")]


async def test_the_apps_domain_is_at_the_drills_address_and_nowhere_else(shut: Shut) -> None:
    for container in ("", WEB):
        inside = f"podman exec {container} " if container else ""
        said = await shut.host.text(f"{inside}getent ahostsv4 chirp.test")
        assert {line.split()[0] for line in said.splitlines()} == {DRILLS_ADDRESS}


async def test_who_calls_the_host_from_outside_is_answered(shut: Shut) -> None:
    """As the operator is over SSH."""
    await shut.host.run("ssh-keygen -A; systemctl reset-failed ssh; systemctl restart ssh")
    assert "SSH-2.0" in await shut.from_outside("exec 3<>/dev/tcp/10.99.0.11/22; head -1 <&3")


async def test_the_resolver_of_a_drill_answers_nobody_outside(shut: Shut) -> None:
    for port in (PORT, BRIDGE_PORT):
        said = await shut.from_outside(
            f"timeout 3 bash -c 'echo >/dev/tcp/10.99.0.11/{port}' || echo no"
        )
        assert said.strip() == "no"


async def test_the_proof_passes_where_nobody_answers_who_must_not(shut: Shut) -> None:
    forbidden = [Callee("primary.example"), Callee("10.99.0.2", 8443), Callee(NO_SUCH_HOST, 5432)]
    await prove_isolated(shut.host, ALLOWED, forbidden)
    told = [one for one in await denied(shut.host) if one.asked == NO_SUCH_HOST]
    assert [(one.by, one.known) for one in told] == [("liferaft-trial.service", "liferaft")]
    assert "liferaft-trial" not in await shut.host.text("ip netns list; ip link")


async def test_the_proof_names_who_answers_and_must_not(shut: Shut) -> None:
    with pytest.raises(
        Unproven, match=r"objects\.lab\.test:8443 \(10\.99\.0\.1\) answers the host"
    ):
        await prove_isolated(shut.host, ALLOWED, [VAULT])


async def test_the_proof_names_who_is_allowed_and_does_not_answer(shut: Shut) -> None:
    gone = Callee("10.98.0.3", 9)
    allowed = Allowed((*ALLOWED.names, gone), (NEIGHBOURS,), ALLOWED.own_names)
    await isolate(shut.host, allowed)
    try:
        with pytest.raises(Unproven, match=r"10\.98\.0\.3:9 may be called, and does not answer"):
            await prove_isolated(shut.host, allowed, [])
    finally:
        await isolate(shut.host, ALLOWED)


async def test_what_was_told_is_told_after_the_rules_were_changed(shut: Shut) -> None:
    await shut.call("192.88.1.7", 77, "tcp")
    before = [one for one in await denied(shut.host) if one.asked == "192.88.1.7"]
    await isolate(shut.host, Allowed((VAULT,), (), {}))
    await isolate(shut.host, ALLOWED)
    assert [one for one in await denied(shut.host) if one.asked == "192.88.1.7"] == before
    assert [one.count for one in before] == [1]
    assert await shut.call(VAULT.name, 8443, "tcp", container=WEB)


async def test_shutting_a_host_that_is_shut_changes_nothing(shut: Shut) -> None:
    asked = "stat -c '%n %Y' /etc/liferaft/drill/* /etc/systemd/system/liferaft-*; "
    asked += "systemctl show -P InvocationID liferaft-drill liferaft-gate"
    before = await shut.host.text(asked)
    await isolate(shut.host, ALLOWED)
    assert await shut.host.text(asked) == before


async def test_a_host_with_one_rule_more_is_not_shut(shut: Shut) -> None:
    await shut.host.run(f"nft insert rule inet {TABLE} from_host accept")
    assert not await is_isolated(shut.host, ALLOWED)
    await isolate(shut.host, ALLOWED)
    assert await is_isolated(shut.host, ALLOWED)


async def test_a_host_whose_gate_is_dead_is_not_shut(shut: Shut) -> None:
    await shut.host.run(["systemctl", "stop", GATE_UNIT])
    assert not await is_isolated(shut.host, ALLOWED)
    assert not await shut.call(ELSEWHERE, 4446, "tcp"), "it is no more open than before"
    await isolate(shut.host, ALLOWED)
    assert await is_isolated(shut.host, ALLOWED)


@pytest.mark.parametrize("act", ["start", "reload", "stop"])
async def test_debians_own_firewall_takes_nothing_of_it_away(shut: Shut, act: str) -> None:
    """Its unit empties the whole ruleset whenever it starts, reloads or stops."""
    await shut.host.run(f"systemctl start nftables; systemctl {act} nftables")
    assert await wait_until(lambda: is_isolated(shut.host, ALLOWED), seconds=PATIENCE)
    assert await shut.call(VAULT.name, 8443, "tcp")
    await shut.host.run(["podman", "network", "reload", "--all"])


async def test_the_firewall_of_a_machine_of_ones_own_goes_on_beside_it(shut: Shut) -> None:
    machine = InventoryMachine(
        *("one", "10.99.0.11", "10.98.0.11", "ssh-ed25519 AAAA"), cpus=2, memory=4096, disk=40
    )
    inventory = Inventory(machines=(machine,))
    rules = firewall.ruleset([], machine, inventory)
    await shut.host.run(["nft", "-f", "-"], stdin=rules.encode())
    assert await is_isolated(shut.host, ALLOWED)
    assert not await shut.call(ELSEWHERE, 4447, "tcp", container=WEB)
    assert await shut.call(VAULT.name, 8443, "tcp", container=WEB)
    assert not await shut.asks("mail.beside.example", container=WEB)
    assert await found(shut, "mail.beside.example") >= {(BY_WEB, "A", None)}
    await shut.host.run(["nft", "delete", "table", "inet", firewall.TABLE])


async def test_a_boot_keeps_the_host_shut_and_what_was_told(shut: Shut) -> None:
    await shut.call("192.88.1.8", 88, "tcp")
    before = [one for one in await denied(shut.host) if one.asked == "192.88.1.8"]
    await shut.host.run(["podman", "kill", "--all"])
    await shut.host.reboot()
    assert await is_isolated(shut.host, ALLOWED)
    assert not await shut.call(ELSEWHERE, 4448, "tcp")
    assert await shut.call(VAULT.name, 8443, "tcp")
    assert [one for one in await denied(shut.host) if one.asked == "192.88.1.8"] == before != []


async def test_a_host_that_lost_its_rules_at_a_boot_is_off(shut: Shut) -> None:
    """Rather than open."""
    await shut.host.run("echo nonsense >/etc/liferaft/drill/rules.nft")
    assert not await is_isolated(shut.host, ALLOWED)
    await shut.host.run(["systemctl", "--no-block", "reboot"])
    assert await wait_until(shut.is_off, seconds=PATIENCE)
