"""The vocabulary for programs: one Pulumi class per kind of thing that a cloud has.

Credentials never are inputs: the provider takes them from its own environment. What the classes
say of inputs and outputs, `clouds.kinds` says too; a test holds them together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

import pulumi
from pydantic.alias_generators import to_camel, to_snake

from liferaft.clouds.kinds import KINDS, ResourceKind

PACKAGE = "liferaft"


class Rule(TypedDict):
    """One kind of traffic that may come in. `ports`: `22` or `8000-8100`; none for icmp."""

    protocol: pulumi.Input[Literal["tcp", "udp", "icmp"]]
    sources: pulumi.Input[Sequence[pulumi.Input[str]]]
    ports: NotRequired[pulumi.Input[str]]


Text: TypeAlias = pulumi.Input[str]
Number: TypeAlias = pulumi.Input[int]
Texts: TypeAlias = pulumi.Input[Sequence[pulumi.Input[str]]]
Rules: TypeAlias = pulumi.Input[Sequence[pulumi.Input[Rule]]]


def token(kind: ResourceKind[Any, Any]) -> str:
    """The Pulumi type of a kind: `liferaft:index:SshKey`."""
    return f"{PACKAGE}:index:{_class_name(kind.name)}"


def kind_of(pulumi_type: str) -> ResourceKind[Any, Any] | None:
    """The kind behind a type, with or without its parents' types in front (`A$B`)."""
    return _BY_TOKEN.get(pulumi_type.rpartition("$")[2])


def _class_name(kind: str) -> str:
    return "".join(word.capitalize() for word in kind.split("_"))


_BY_TOKEN: Mapping[str, ResourceKind[Any, Any]] = {token(kind): kind for kind in KINDS.values()}


class Thing(pulumi.CustomResource):
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
        outputs = {field.name for field in (*fields(this.spec), *fields(this.facts))} - {"id"}
        # The SDK makes an attribute of every name it is given, and sends none that is None.
        super().__init__(token(this), resource_name, {**dict.fromkeys(outputs), **wanted}, opts)

    def translate_input_property(self, prop: str) -> str:
        return to_camel(prop)

    def translate_output_property(self, prop: str) -> str:
        return to_snake(prop)


class Network(Thing):
    """A private network with one subnet and a way to the internet."""

    name: pulumi.Output[str]
    ip_range: pulumi.Output[str]
    subnet_range: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: Text | None = None,
        ip_range: Text | None = None,
        subnet_range: Text | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "name": name or resource_name,
            "ip_range": ip_range,
            "subnet_range": subnet_range,
        }
        super().__init__("network", resource_name, inputs, opts)


class Firewall(Thing):
    """What may come in to the servers that name it; everything else is dropped."""

    name: pulumi.Output[str]
    network_id: pulumi.Output[str]
    rules: pulumi.Output[Sequence[Mapping[str, Any]]]

    def __init__(
        self,
        resource_name: str,
        *,
        network_id: Text,
        rules: Rules,
        name: Text | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"name": name or resource_name, "network_id": network_id, "rules": rules}
        super().__init__("firewall", resource_name, inputs, opts)


class SshKey(Thing):
    """The operators' public key, let in on servers that name it."""

    name: pulumi.Output[str]
    public_key: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        public_key: Text,
        name: Text | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"name": name or resource_name, "public_key": public_key}
        super().__init__("ssh_key", resource_name, inputs, opts)


class Address(Thing):
    """A reserved public IPv4 address; it outlives the server behind it."""

    name: pulumi.Output[str]
    address: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: Text | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("address", resource_name, {"name": name or resource_name}, opts)


class Server(Thing):
    """A Debian server. `memory` is in MiB, `disk` in GiB; `user_data` is kept secret. `system` is
    what the application's servers run, unless it is given."""

    name: pulumi.Output[str]
    cpus: pulumi.Output[int]
    memory: pulumi.Output[int]
    user_data: pulumi.Output[str]
    network_id: pulumi.Output[str | None]
    firewall_id: pulumi.Output[str | None]
    ssh_key_id: pulumi.Output[str | None]
    private_address: pulumi.Output[str]
    address_id: pulumi.Output[str | None]
    architecture: pulumi.Output[str | None]
    disk: pulumi.Output[int | None]
    machine_types: pulumi.Output[Sequence[str] | None]
    image_id: pulumi.Output[str | None]
    rules: pulumi.Output[Sequence[Mapping[str, Any]] | None]
    system: pulumi.Output[str | None]
    public_address: pulumi.Output[str]
    chosen_type: pulumi.Output[str]
    """The cloud's machine type that it runs on."""
    zone: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        cpus: Number,
        memory: Number,
        user_data: Text,
        network_id: Text | None = None,
        firewall_id: Text | None = None,
        ssh_key_id: Text | None = None,
        private_address: Text | None = None,
        address_id: Text | None = None,
        architecture: Text | None = None,
        disk: Number | None = None,
        machine_types: Texts | None = None,
        image_id: Text | None = None,
        rules: Rules | None = None,
        system: Text | None = None,
        name: Text | None = None,
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
            "system": system,
        }
        super().__init__("server", resource_name, inputs, opts)


class Volume(Thing):
    """A block volume of `size` GiB, attached to a server and outliving it."""

    name: pulumi.Output[str]
    size: pulumi.Output[int]
    server_id: pulumi.Output[str]
    device: pulumi.Output[str]
    """Its path on the server."""

    def __init__(
        self,
        resource_name: str,
        *,
        size: Number,
        server_id: Text,
        name: Text | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"name": name or resource_name, "size": size, "server_id": server_id}
        super().__init__("volume", resource_name, inputs, opts)


class MachineImage(Thing):
    """A server's root disk, kept for servers that boot from it."""

    name: pulumi.Output[str]
    server_id: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        server_id: Text,
        name: Text | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"name": name or resource_name, "server_id": server_id}
        super().__init__("machine_image", resource_name, inputs, opts)


class Bucket(Thing):
    """An S3 bucket; emptied when it is deleted."""

    name: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    region: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: Text,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("bucket", resource_name, {"name": name}, opts)


CLASSES: Mapping[str, type[Thing]] = {
    "network": Network,
    "firewall": Firewall,
    "ssh_key": SshKey,
    "address": Address,
    "server": Server,
    "volume": Volume,
    "machine_image": MachineImage,
    "bucket": Bucket,
}
"""The resource classes by the name of their kind."""
