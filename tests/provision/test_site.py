"""The program's side, run against Pulumi's own mocks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi
import pytest
from pulumi.runtime import rpc

from liferaft.provision.description import ServerGroup, SiteDescription

DESCRIPTION = SiteDescription(
    groups=(ServerGroup("db", 2, 4096), ServerGroup("app", 2, 4096, ports=(80, 443))),
    ssh_public_key="ssh-ed25519 AAAA operator",
    bucket="chirp-media",
)
TEXTS = {"db-1": "#!/bin/sh\n: db\n", "app-1": "#!/bin/sh\n: app\n"}


@dataclass
class Cloud(pulumi.runtime.Mocks):
    """Answers with what a cloud would fill in, and remembers what it was asked."""

    seen: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.seen[f"{args.typ.rpartition(':')[2]} {args.name}"] = args.inputs
        facts = {
            "Address": {"address": "192.0.2.100"},
            "Server": {"publicAddress": f"192.0.2.{len(self.seen)}", "chosenType": "c6a.large"},
            "Bucket": {"endpoint": "https://s3.example", "region": "us-east-1"},
        }.get(args.typ.rpartition(":")[2], {})
        return f"{args.name}-id", {**args.inputs, **facts}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], None]:
        raise AssertionError(f"a site calls nothing, yet {args.token} was called")


@pytest.fixture
async def cloud() -> Cloud:
    cloud = Cloud()
    pulumi.runtime.set_mocks(cloud, project="microblog", stack="aws-east", preview=False)
    pulumi.runtime.set_all_config(
        {"microblog:spec": DESCRIPTION.to_json(), "microblog:user_data": json.dumps(TEXTS)},
        ["microblog:user_data"],
    )
    return cloud


async def _value(output: pulumi.Output[Any]) -> Any:
    return await output.future()


async def test_the_site_is_built_from_the_stacks_configuration(cloud: Cloud) -> None:
    from liferaft.provision.site import Site

    site = Site.from_config()
    assert await _value(site.address) == "192.0.2.100"
    servers = await _value(site.servers)
    assert [(s["name"], s["group"], s["private_address"]) for s in servers] == [
        ("db-1", "db", "10.20.1.11"),
        ("app-1", "app", "10.20.2.11"),
    ]
    assert all(s["public_address"] for s in servers)
    assert await _value(site.bucket) == {
        "name": "chirp-media",
        "endpoint": "https://s3.example",
        "region": "us-east-1",
    }
    assert set(cloud.seen) == {
        "Site site",
        "Network network",
        "SshKey operators",
        "Address entry",
        "Firewall db",
        "Firewall app",
        "Server db-1",
        "Server app-1",
        "Bucket bucket",
    }


async def test_servers_refer_to_what_they_need_in_the_providers_names(cloud: Cloud) -> None:
    from liferaft.provision.site import Site

    site = Site("site", DESCRIPTION, user_data=TEXTS)
    await _value(site.servers)
    assert cloud.seen["Server app-1"] == {
        "name": "app-1",
        "cpus": 2,
        "memory": 4096,
        "networkId": "network-id",
        "firewallId": "app-id",
        "sshKeyId": "operators-id",
        "privateAddress": "10.20.2.11",
        "userData": {
            rpc._special_sig_key: rpc._special_secret_sig,
            "value": TEXTS["app-1"],
        },
        "addressId": "entry-id",
        "architecture": "x86_64",
        "disk": 20,
    }
    assert "addressId" not in cloud.seen["Server db-1"]


async def test_user_data_stays_secret_in_the_program(cloud: Cloud) -> None:  # noqa: ARG001  # sets the mocks
    from liferaft.provision.resources import Server

    server = Server(
        "db-1",
        cpus=1,
        memory=512,
        network_id="n",
        firewall_id="f",
        ssh_key_id="k",
        private_address="10.20.1.11",
        user_data="#!/bin/sh",
    )
    assert await server.user_data.is_secret()
    assert not await server.public_address.is_secret()


async def test_a_pilot_light_has_everything_but_servers(cloud: Cloud) -> None:
    from liferaft.provision.site import Site

    site = Site("site", replace(DESCRIPTION, pilot_light=True), user_data={})
    assert await _value(site.servers) == []
    assert await _value(site.address) == "192.0.2.100"
    assert not [name for name in cloud.seen if name.startswith("Server ")]
