"""Whom a drill's hosts may call."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from liferaft.failures import BadInput


@dataclass(frozen=True)
class Callee:
    """Somebody who may be called, or must not be: a host's name or address, and a port.

    Attributes:
        name: `*.name` stands for all names below it, where callees are allowed.
        port: of TCP and UDP. None: any.
    """

    name: str
    port: int | None = None

    def __str__(self) -> str:
        return self.name if self.port is None else f"{self.name}:{self.port}"

    @property
    def is_address(self) -> bool:
        try:
            ip_address(self.name)
        except ValueError:
            return False
        return True


@dataclass(frozen=True)
class Allowed:
    """What stays within reach of a drill's hosts. All else is denied, and noted.

    Attributes:
        names: by name or address: vaults, and what the application declares.
        networks: in CIDR notation: where the drill's own servers see each other.
        own_names: names that hosts answer themselves, each with the IPv4 address that it has in the
            drill: the application's domain. That address may be called.
    """

    names: tuple[Callee, ...]
    networks: tuple[str, ...]
    own_names: Mapping[str, str]

    def __post_init__(self) -> None:
        """Raises BadInput for what is no network or no address."""
        try:
            for network in self.networks:
                ip_network(network)
            for address in self.own_names.values():
                if ip_address(address).version != 4:  # noqa: PLR2004 - IPv4
                    raise BadInput(f"{address} is no IPv4 address.")
        except ValueError as error:
            raise BadInput(f"What a drill's hosts may call cannot be read: {error}") from None
