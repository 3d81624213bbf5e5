"""The vocabulary for programs: one Pulumi class per kind of thing that a cloud has.

Credentials never are inputs: the provider takes them from its own environment.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pydantic.alias_generators import to_camel, to_snake

from liferaft.clouds.kinds import KINDS, Kind

PACKAGE = "liferaft"


def token(kind: Kind[Any, Any]) -> str:
    """The Pulumi type of a kind: `liferaft:index:SshKey`."""
    return f"{PACKAGE}:index:{_class_name(kind.name)}"


def kind_of(pulumi_type: str) -> Kind[Any, Any] | None:
    """The kind behind a type, with or without its parents' types in front (`A$B`)."""
    return _BY_TOKEN.get(pulumi_type.rpartition("$")[2])


def _class_name(kind: str) -> str:
    return "".join(word.capitalize() for word in kind.split("_"))


_BY_TOKEN: Mapping[str, Kind[Any, Any]] = {token(kind): kind for kind in KINDS.values()}


class _Thing(pulumi.CustomResource):
    """Registers with snake_case names turned into Pulumi's camelCase, and secrets marked."""

    def __init__(
        self,
        kind: str,
        resource_name: str,
        inputs: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        this = KINDS[kind]
        wanted = {name: value for name, value in inputs.items() if value is not None}
        for name in this.secrets() & wanted.keys():
            wanted[name] = pulumi.Output.secret(wanted[name])
        filled_in: dict[str, Any] = dict.fromkeys(this.facts_alone())
        super().__init__(token(this), resource_name, {**filled_in, **wanted}, opts)

    def translate_input_property(self, prop: str) -> str:
        return to_camel(prop)

    def translate_output_property(self, prop: str) -> str:
        return to_snake(prop)


class Network(_Thing):
    """A private network with one subnet and a way to the internet."""

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str] | None = None,
        ip_range: pulumi.Input[str] | None = None,
        subnet_range: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "name": name or resource_name,
            "ip_range": ip_range,
            "subnet_range": subnet_range,
        }
        super().__init__("network", resource_name, inputs, opts)


class Firewall(_Thing):
    """Inbound rules of servers: mappings with `protocol`, `ports`, `sources`."""

    def __init__(
        self,
        resource_name: str,
        *,
        network_id: pulumi.Input[str],
        rules: pulumi.Input[Sequence[pulumi.Input[Mapping[str, Any]]]],
        name: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"name": name or resource_name, "network_id": network_id, "rules": rules}
        super().__init__("firewall", resource_name, inputs, opts)


class SshKey(_Thing):
    """The operators' public key."""

    def __init__(
        self,
        resource_name: str,
        *,
        public_key: pulumi.Input[str],
        name: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"name": name or resource_name, "public_key": public_key}
        super().__init__("ssh_key", resource_name, inputs, opts)


class Address(_Thing):
    """A reserved public IPv4 address."""

    address: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("address", resource_name, {"name": name or resource_name}, opts)


class Server(_Thing):
    """A Debian 12 server. `memory` is in MiB, `disk` in GiB; `user_data` is kept secret."""

    private_address: pulumi.Output[str]
    public_address: pulumi.Output[str]
    chosen_type: pulumi.Output[str]
    """The cloud's machine type that it runs on."""
    zone: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        cpus: pulumi.Input[int],
        memory: pulumi.Input[int],
        user_data: pulumi.Input[str],
        network_id: pulumi.Input[str] | None = None,
        firewall_id: pulumi.Input[str] | None = None,
        ssh_key_id: pulumi.Input[str] | None = None,
        private_address: pulumi.Input[str] | None = None,
        address_id: pulumi.Input[str] | None = None,
        architecture: pulumi.Input[str] | None = None,
        disk: pulumi.Input[int] | None = None,
        machine_types: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        image_id: pulumi.Input[str] | None = None,
        rules: pulumi.Input[Sequence[pulumi.Input[Mapping[str, Any]]]] | None = None,
        name: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "name": name or resource_name,
            "cpus": cpus,
            "memory": memory,
            "network_id": network_id,
            "firewall_id": firewall_id,
            "ssh_key_id": ssh_key_id,
            "private_address": private_address,
            "user_data": user_data,
            "address_id": address_id,
            "architecture": architecture,
            "disk": disk,
            "machine_types": machine_types,
            "image_id": image_id,
            "rules": rules,
        }
        super().__init__("server", resource_name, inputs, opts)


class Volume(_Thing):
    """A block volume of `size` GiB, attached to a server and outliving it."""

    device: pulumi.Output[str]
    """Its path on the server."""

    def __init__(
        self,
        resource_name: str,
        *,
        size: pulumi.Input[int],
        server_id: pulumi.Input[str],
        name: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"name": name or resource_name, "size": size, "server_id": server_id}
        super().__init__("volume", resource_name, inputs, opts)


class MachineImage(_Thing):
    """A server's root disk, kept for servers that boot from it."""

    def __init__(
        self,
        resource_name: str,
        *,
        server_id: pulumi.Input[str],
        name: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"name": name or resource_name, "server_id": server_id}
        super().__init__("machine_image", resource_name, inputs, opts)


class Bucket(_Thing):
    """An S3 bucket; emptied when it is deleted."""

    name: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    region: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("bucket", resource_name, {"name": name}, opts)
