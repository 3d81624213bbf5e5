"""The life of a server, driven by Hetzner's own SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hcloud import APIException
from hcloud.firewalls.domain import FirewallResource, FirewallRule
from hcloud.images.domain import Image
from hcloud.locations.domain import Location
from hcloud.networks.domain import NetworkSubnet
from hcloud.server_types.domain import ServerType
from hcloud.servers.domain import ServerCreatePublicNetwork

from liferaft_sandbox.clouds.hetzner import actions

if TYPE_CHECKING:
    from hcloud import Client
    from tests.sandbox.clouds.hetzner.conftest import Cloud

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8V0nTqSkUkgsPcBsDAUz1AkfUP1Ip1hVLo6oRh2gMp op"


def network(hcloud: Client) -> Any:
    subnet = NetworkSubnet(ip_range="10.0.1.0/24", type="cloud", network_zone="eu-central")
    return hcloud.networks.create("private", "10.0.0.0/16", subnets=[subnet])


def create(hcloud: Client, name: str = "app-1", **changes: Any) -> Any:
    return hcloud.servers.create(
        **{
            "name": name,
            "server_type": ServerType(name="cx23"),
            "image": Image(name="debian-12"),
            "location": Location(name="fsn1"),
            **changes,
        }
    )


def test_a_server_is_starting_until_its_machine_runs(cloud: Cloud, hcloud: Client) -> None:
    cloud.machines.held_back = True
    created = create(hcloud)
    assert created.server.status == "initializing"
    assert created.server.locked
    created.action.wait_until_finished()
    assert hcloud.servers.get_by_id(created.server.id).status == "starting"
    (start,) = created.next_actions
    assert (start.command, hcloud.actions.get_by_id(start.id).status) == (
        "start_server",
        "running",
    )
    cloud.machines.boot()
    start.wait_until_finished()
    server = hcloud.servers.get_by_id(created.server.id)
    assert (server.status, server.locked) == ("running", False)


def test_a_machine_gets_what_the_call_carried(cloud: Cloud, hcloud: Client) -> None:
    key = hcloud.ssh_keys.create("operator", KEY)
    private = network(hcloud)
    script = "#!/bin/sh\necho 'äöü'\n"
    created = create(hcloud, ssh_keys=[key], networks=[private], user_data=script)
    machine = cloud.machines.only()
    assert machine.user_data == script.encode()
    assert machine.authorized_keys == (KEY,)
    assert machine.hostname == "app-1"
    assert (machine.network, machine.private_address) == (str(private.id), "10.0.1.1")
    assert machine.public_address == created.server.public_net.ipv4.ip == "198.51.100.100"
    assert created.server.private_net[0].ip == "10.0.1.1"
    assert created.root_password is None


def test_a_private_network_has_a_smaller_mtu_than_a_server_without_one(
    cloud: Cloud, hcloud: Client
) -> None:
    private = network(hcloud)
    create(hcloud, networks=[private])
    told = cloud.machines.desired
    assert told is not None
    assert [(one.id, one.mtu) for one in told.networks] == [(str(private.id), 1450)]
    create(hcloud, name="alone")
    told = cloud.machines.desired
    assert told is not None
    assert sorted(one.mtu for one in told.networks) == [1450, 1500]


def test_what_is_given_along_is_done_by_actions_that_follow_and_lock_the_server(
    hcloud: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "SHORTEST", 0.3)
    guard = hcloud.firewalls.create("guard", []).firewall
    made: Any = create(
        hcloud, firewalls=[guard], networks=[network(hcloud)], start_after_create=False
    )
    assert [one.command for one in made.next_actions] == ["apply_firewall", "attach_to_network"]
    (applied,) = made.server.public_net.firewalls
    assert applied.status == "pending"
    with pytest.raises(APIException, match="locked"):
        made.server.power_on()
    for action in made.next_actions:
        action.wait_until_finished()
    now: Any = hcloud.servers.get_by_id(made.server.id)
    assert [one.status for one in now.public_net.firewalls] == ["applied"]


def test_user_data_past_thirty_two_kibibytes_is_refused(hcloud: Client) -> None:
    create(hcloud, user_data="x" * 32768)
    with pytest.raises(APIException, match="user_data") as refused:
        create(hcloud, name="app-2", user_data="x" * 32769)
    assert refused.value.code == "invalid_input"


def test_power_goes_off_and_on_with_the_machine(cloud: Cloud, hcloud: Client) -> None:
    server = create(hcloud).server
    hcloud.servers.get_by_id(server.id)
    server.shutdown().wait_until_finished()
    assert not cloud.machines.only().running
    server.reload()
    assert server.status == "off"
    server.power_on().wait_until_finished()
    server.reload()
    assert server.status == "running"


@pytest.mark.fidelity
def test_a_reboot_switches_the_machine_off_and_on_again(cloud: Cloud, hcloud: Client) -> None:
    server = create(hcloud).server
    hcloud.servers.get_by_id(server.id)
    reboot = server.reboot()
    assert not cloud.machines.only().running
    reboot.wait_until_finished()
    assert cloud.machines.only().running


def test_a_second_action_on_a_busy_server_is_refused(cloud: Cloud, hcloud: Client) -> None:
    cloud.machines.held_back = True
    server = create(hcloud).server
    with pytest.raises(APIException) as refused:
        server.power_off()
    assert refused.value.code == "locked"


def test_a_deleted_server_takes_its_machine_and_its_own_address_with_it(
    cloud: Cloud, hcloud: Client
) -> None:
    kept = hcloud.primary_ips.create("ipv4", "front", Location(name="fsn1")).primary_ip
    first = create(hcloud, public_net=ServerCreatePublicNetwork(ipv4=kept)).server
    second = create(hcloud, name="app-2").server
    assert {machine.public_address for machine in cloud.machines.all()} == {
        kept.ip,
        second.public_net.ipv4.ip,
    }
    first.delete().wait_until_finished()
    second.delete()
    assert cloud.machines.all() == ()
    assert [ip.name for ip in hcloud.primary_ips.get_all()] == ["front"]


def test_a_primary_ip_is_assigned_only_while_the_server_is_off(
    cloud: Cloud, hcloud: Client
) -> None:
    address = hcloud.primary_ips.create("ipv4", "front", Location(name="fsn1")).primary_ip
    public_net = ServerCreatePublicNetwork(enable_ipv4=False)
    server = create(hcloud, public_net=public_net).server
    assert cloud.machines.only().public_address is None
    hcloud.servers.get_by_id(server.id)
    with pytest.raises(APIException) as refused:
        address.assign(server.id, "server")
    assert refused.value.code == "server_not_stopped"
    server.power_off().wait_until_finished()
    address.assign(server.id, "server").wait_until_finished()
    server.power_on().wait_until_finished()
    assert cloud.machines.only().public_address == address.ip


def test_firewalls_reach_the_machine_and_without_one_everybody_may_come_in(
    cloud: Cloud, hcloud: Client
) -> None:
    server = create(hcloud, labels={"group": "app"}).server
    assert [rule.protocol for rule in cloud.machines.only().rules] == ["all"]
    web = FirewallRule(
        direction="in", protocol="tcp", port="80-443", source_ips=["0.0.0.0/0", "::/0"]
    )
    ping = FirewallRule(direction="in", protocol="icmp", source_ips=["198.18.0.0/15"])
    firewall = hcloud.firewalls.create("web", rules=[web]).firewall
    firewall.apply_to_resources([FirewallResource(type="server", server=server)])
    (rule,) = cloud.machines.only().rules
    assert (rule.protocol, rule.first_port, rule.last_port) == ("tcp", 80, 443)
    assert rule.sources == ("0.0.0.0/0",)
    firewall.set_rules([ping])
    assert [rule.protocol for rule in cloud.machines.only().rules] == ["icmp"]
    with pytest.raises(APIException) as refused:
        firewall.delete()
    assert refused.value.code == "resource_in_use"
    firewall.remove_from_resources([FirewallResource(type="server", server=server)])
    firewall.delete()


@pytest.mark.fidelity
def test_a_firewall_finds_its_servers_by_label(cloud: Cloud, hcloud: Client) -> None:
    create(hcloud, labels={"group": "db"})
    answer = cloud.ask(
        "POST",
        "/firewalls",
        {
            "name": "closed",
            "rules": [],
            "apply_to": [{"type": "label_selector", "label_selector": {"selector": "group=db"}}],
        },
    )
    assert answer.status_code == 201
    assert cloud.machines.only().rules == ()
    firewall = hcloud.firewalls.get_by_name("closed")
    assert firewall is not None
    (applied,) = firewall.applied_to or []
    assert applied.applied_to_resources is not None


def test_a_private_address_can_be_chosen_before_the_first_start(
    cloud: Cloud, hcloud: Client
) -> None:
    private = network(hcloud)
    server = create(hcloud, start_after_create=False).server
    hcloud.servers.get_by_id(server.id)
    assert cloud.machines.all() == ()
    server.attach_to_network(private, ip="10.0.1.77").wait_until_finished()
    server.power_on().wait_until_finished()
    assert cloud.machines.only().private_address == "10.0.1.77"


@pytest.mark.fidelity
def test_protection_stands_before_deletion(hcloud: Client) -> None:
    server = create(hcloud).server
    hcloud.servers.get_by_id(server.id)
    server.change_protection(delete=True, rebuild=True).wait_until_finished()
    with pytest.raises(APIException) as refused:
        server.delete()
    assert refused.value.code == "protected"
    server.change_protection(delete=False, rebuild=False).wait_until_finished()
    server.delete()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"server_type": ServerType(name="cx999")}, "server_type"),
        ({"image": Image(name="windows-95")}, "image"),
        ({"location": Location(name="mars1")}, "location"),
        ({"server_type": ServerType(name="cax11"), "image": Image(id=114690387)}, "image"),
        ({"location": Location(name="ash")}, "server_type"),
    ],
)
def test_a_server_with_a_dangling_reference_is_refused(
    cloud: Cloud, hcloud: Client, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(APIException) as refused:
        create(hcloud, **changes)
    assert refused.value.code == "invalid_input"
    assert refused.value.details["fields"][0]["name"] == field
    assert cloud.machines.all() == ()
    assert hcloud.primary_ips.get_all() == []


def test_a_network_with_a_server_in_it_stays(hcloud: Client) -> None:
    private = network(hcloud)
    server = create(hcloud, networks=[private]).server
    with pytest.raises(APIException) as refused:
        private.delete()
    assert refused.value.code == "resource_in_use"
    with pytest.raises(APIException):
        private.delete_subnet(NetworkSubnet(ip_range="10.0.1.0/24"))
    server.delete()
    private.delete()
    assert hcloud.networks.get_all() == []
