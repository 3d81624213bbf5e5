"""Sites and their servers in liferaft.toml: where the app may live, and on what."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, ByteSize, Field, StrictInt, StringConstraints

from liferaft.config.fields import (
    CLOUDS_TOLD,
    LARGEST,
    SMALLEST_DISK,
    Address,
    CloudName,
    Filled,
    Name,
    Origin,
    Region,
)
from liferaft.config.public_ports import PORTS_TOLD, PublicPort
from liferaft.config.section import Section
from liferaft.config.values import ENVIRONMENT, HOST_KEY, as_list


class MachineConfig(Section):
    """A machine with SSH that somebody else provides, ours to use whole."""

    address: Address = Field(description="the public IPv4 address")
    private_address: Address = Field(
        description="the IPv4 address at which the site's other machines reach it"
    )
    host_key: Annotated[str, StringConstraints(pattern=f"{HOST_KEY}|{ENVIRONMENT}")] = Field(
        description="its public SSH host key, ssh-ed25519 AAAA…, or env/NAME of a variable with it"
    )
    cpus: StrictInt = Field(ge=1, le=1024, description="a whole number of processors")
    memory: ByteSize = Field(ge=512 * 1024**2, le=LARGEST, description='a size such as "8GiB"')
    disk: ByteSize = Field(
        ge=SMALLEST_DISK, le=LARGEST, description='a size from "20GiB", such as "40GiB"'
    )
    architecture: Literal["x86_64", "arm64"] = Field(
        default="x86_64", description="x86_64 or arm64"
    )
    port: StrictInt = Field(default=22, ge=1, le=65535, description="where its SSH server listens")


class ObjectsConfig(Section):
    """Any S3 endpoint, for a site whose cloud sells no object storage."""

    endpoint: Origin = Field(
        description="the store's URL without a path, such as https://objects.example"
    )
    region: Region = Field(default="us-east-1", description="the region's name at the store")


class SiteConfig(Section):
    """A home of the app at one cloud and region: one Pulumi stack, named like the site."""

    cloud: CloudName = Field(description=CLOUDS_TOLD)
    region: Filled = Field(
        description="the region's or location's name at the cloud; a free name for ssh"
    )
    role: Literal["primary", "standby"] = Field(
        default="standby", description="primary (exactly one site) or standby"
    )
    sizes: Mapping[str, Annotated[tuple[Filled, ...], BeforeValidator(as_list)]] = Field(
        default={},
        description="a table of server group = the cloud's own name of a size, or a list of them",
    )
    machines: Mapping[Name, MachineConfig] = Field(
        default={}, description="a table [sites.NAME.machines.MACHINE] for each, with ssh only"
    )
    login: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_-]{0,31}$")] | None = Field(
        default=None, description="root, or a user with sudo without a password, with ssh only"
    )
    objects: ObjectsConfig | None = Field(
        default=None, description='a table such as {endpoint = "https://…"}, with ssh only'
    )


class ServerConfig(Section):
    """A group of equal servers; the same shape at every site."""

    cpus: StrictInt = Field(ge=1, le=256, description="a whole number of processors from 1 to 256")
    memory: ByteSize = Field(
        ge=512 * 1024**2, le=LARGEST, description='a size from "512MiB", such as "4GiB"'
    )
    disk: ByteSize = Field(
        default=ByteSize(SMALLEST_DISK),
        ge=SMALLEST_DISK,
        le=LARGEST,
        multiple_of=1024**3,
        description='a size of whole GiB from "20GiB", such as "80GiB"',
    )
    architecture: Literal["x86_64", "arm64"] = Field(
        default="x86_64", description="x86_64 or arm64; the same at every site"
    )
    count: StrictInt = Field(default=1, ge=1, le=50, description="a whole number from 1 to 50")
    runs: tuple[Filled, ...] = Field(
        min_length=1, description="a list of ${programs}services of the Compose file"
    )
    ports: tuple[PublicPort, ...] = Field(default=(), description=PORTS_TOLD)
