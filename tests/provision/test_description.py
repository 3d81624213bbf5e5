import json
from dataclasses import replace

import pytest

from liferaft.failures import BadInput
from liferaft.provision.description import ServerGroup, SiteDescription

DB = ServerGroup("db", cpus=2, memory=4096)
APP = ServerGroup("app", cpus=2, memory=4096, count=2, ports=(80, 443))
SITE = SiteDescription(
    groups=(DB, APP), ssh_public_key="ssh-ed25519 AAAA operator", bucket="chirp-media"
)


def test_private_addresses_are_known_before_a_server_exists() -> None:
    assert [(s.name, s.private_address) for s in SITE.servers()] == [
        ("db-1", "10.20.1.11"),
        ("app-1", "10.20.2.11"),
        ("app-2", "10.20.2.12"),
    ]


def test_more_servers_in_a_group_move_no_others_address() -> None:
    more = SiteDescription(
        groups=(ServerGroup("db", 2, 4096, count=3), APP), ssh_public_key=SITE.ssh_public_key
    )
    assert {s.name: s.private_address for s in SITE.servers()}.items() <= {
        s.name: s.private_address for s in more.servers()
    }.items()


def test_only_the_first_server_with_open_ports_faces_users() -> None:
    assert [s.name for s in SITE.servers() if s.faces_users] == ["app-1"]


def test_only_a_groups_own_ports_are_open_to_the_world() -> None:
    def open_ports(group: ServerGroup) -> set[str]:
        return {rule.ports for rule in SITE.rules(group) if "0.0.0.0/0" in rule.sources}

    assert open_ports(DB) == {"22"}
    assert open_ports(APP) == {"22", "80", "443"}


def test_more_ports_of_both_protocols_are_open_to_the_world_where_they_are_asked_for() -> None:
    group = replace(APP, more_ports=("2222/tcp", "5000-5010/udp"))
    told = [(one.protocol, one.ports) for one in SITE.rules(group) if "0.0.0.0/0" in one.sources]
    assert told[-2:] == [("tcp", "2222"), ("udp", "5000-5010")]
    site = replace(SITE, groups=(group,))
    assert SiteDescription.from_json(site.to_json()) == site


def test_a_description_survives_the_stacks_configuration() -> None:
    assert SiteDescription.from_json(SITE.to_json()) == SITE


def test_every_fault_is_named_at_once() -> None:
    wrong = json.loads(SITE.to_json()) | {"bucket": "X", "colour": "red"}
    wrong["groups"][0]["cpus"] = 0
    with pytest.raises(BadInput) as refused:
        SiteDescription.from_json(json.dumps(wrong))
    for place in ("groups.0.cpus", "bucket", "colour"):
        assert place in refused.value.facts.happened


@pytest.mark.parametrize(
    ("groups", "reason"), [((DB,), "no group has open ports"), ((APP, APP), "the same name")]
)
def test_a_site_that_could_not_serve_is_refused(
    groups: tuple[ServerGroup, ...], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        SiteDescription(groups=groups, ssh_public_key="ssh-ed25519 AAAA")
