"""A provider over one imaginary cloud, as the engine speaks to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2 as wire

from liferaft.clouds.contract import Owned, Owner
from liferaft.clouds.inventory import Inventory
from liferaft.clouds.kinds import FirewallFacts, ServerFacts
from liferaft.clouds.sizes import NoSizeFits, WantedSize
from liferaft.failures import Failure
from liferaft.provision.provider import LiferaftProvider
from liferaft.provision.servicer import Servicer

SECRET = {rpc._special_sig_key: rpc._special_secret_sig}

UNKNOWN = rpc.UNKNOWN

CONFIG = {
    "cloud": "aws",
    "region": "us-east-1",
    "app": "chirp",
    "site": "aws-east",
    "epoch": "1",
}

SERVER = "urn:pulumi:aws-east::chirp::liferaft:index:Site$liferaft:index:Server::app-1"

FIREWALL = "urn:pulumi:aws-east::chirp::liferaft:index:Site$liferaft:index:Firewall::app"

INPUTS = {
    "name": "app-1",
    "cpus": 2,
    "memory": 4096,
    "networkId": "vpc-1",
    "firewallId": "sg-1",
    "sshKeyId": "key",
    "privateAddress": "10.20.2.11",
    "userData": {**SECRET, "value": "#!/bin/sh\n"},
}

FACTS = {
    "privateAddress": "10.20.2.11",
    "publicAddress": "192.0.2.7",
    "chosenType": "c6a.large",
    "zone": "us-east-1a",
}


@dataclass
class Things:
    """A kind of one imaginary cloud, in memory."""

    facts: Any
    there: dict[str, Any] = field(default_factory=dict)
    owners: list[Owner] = field(default_factory=list)
    trouble: Failure | None = None

    def create(self, spec: Any, owner: Owner) -> Any:
        if self.trouble:
            raise self.trouble
        self.owners.append(owner)
        self.there[self.facts.id] = spec
        return self.facts

    def read(self, ident: str) -> Any | None:
        return self.facts if ident in self.there else None

    def update(self, ident: str, spec: Any) -> Any:
        self.there[ident] = spec
        return self.facts

    def delete(self, ident: str) -> None:
        self.there.pop(ident, None)

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        return [Owned(ident, f"{app}-{site}", {}) for ident in self.there]


class Provider:
    """Speaks to a provider in wire messages."""

    def __init__(self) -> None:
        self.servers = Things(
            ServerFacts("i-1", "10.20.2.11", "192.0.2.7", "c6a.large", "us-east-1a")
        )
        self.firewalls = Things(FirewallFacts("sg-1"))
        self.opened: list[tuple[str, str]] = []
        self.servicer = Servicer([], "0.1.0", LiferaftProvider(self._open), "")

    def _open(self, name: str, region: str, _: Inventory) -> Any:
        self.opened.append((name, region))
        kinds = {"server": self.servers, "firewall": self.firewalls}
        return SimpleNamespace(name=name, region=region, kinds=kinds, sizes=_size)

    async def configured(self) -> "Provider":
        await self.servicer.Configure(wire.ConfigureRequest(args=packed(CONFIG)), None)
        return self


def _size(wanted: WantedSize) -> None:
    if wanted.cpus > 64:
        raise NoSizeFits("aws us-east-1 offers no type", safe="Nothing was created.")


def packed(values: Mapping[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(dict(values), struct_pb2.Struct())


def plain(struct: Any) -> dict[str, Any]:
    return dict(json_format.MessageToDict(struct))
