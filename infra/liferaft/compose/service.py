"""One service of a Compose file, as it was accepted."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

DEFAULT_STOP: Final = 10
"""Seconds that a stop waits when the file does not say: Compose's own default."""


class MountKind(StrEnum):
    """What is mounted: a volume that podman keeps, a file that goes to the server with the Compose
    file, or one that the server has by itself."""

    VOLUME = "volume"
    SHIPPED = "shipped"
    SERVER = "server"


@dataclass(frozen=True)
class Mount:
    """A place in a container that is none of its image's.

    Attributes:
        source: the volume's name, the file's beside the Compose file of the server, or its path.
        written: what the Compose file calls it: so liferaft.toml does.
        options: `ro`, `nocopy`.
    """

    kind: MountKind
    source: str
    target: str
    written: str = ""
    options: tuple[str, ...] = ()

    @property
    def keeps(self) -> bool:
        """Whether the application can write there what outlives its container."""
        return self.kind is not MountKind.SHIPPED and "ro" not in self.options


@dataclass(frozen=True)
class Service:
    """One service; most field names are the file's keys. Texts are as the service is told them.

    Attributes:
        ports: as `[ADDRESS:]PORT:PORT[/udp]`.
        names: what it is called in the network besides its own name.
        pinned: the digest that the file names behind the image's tag.
        others: every other key that is run, each with its values as Compose's short form has them.
    """

    image: str
    command: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    environment: tuple[tuple[str, str], ...] = ()
    ports: tuple[str, ...] = ()
    volumes: tuple[Mount, ...] = ()
    depends_on: tuple[str, ...] = ()
    init: bool = False
    user: str | None = None
    working_dir: str | None = None
    stop_grace_period: int = DEFAULT_STOP
    """Seconds."""
    names: tuple[str, ...] = ()
    ends: bool = False
    """Whether it does its work and ends, once for a release."""
    others: tuple[tuple[str, tuple[str, ...]], ...] = ()
    pinned: str = ""

    @property
    def named_volumes(self) -> frozenset[str]:
        """Volumes that podman keeps, in contrast to files and folders."""
        return frozenset(one.source for one in self.volumes if one.kind is MountKind.VOLUME)
