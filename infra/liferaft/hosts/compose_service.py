"""One service of a Compose file, as it was accepted."""

from dataclasses import dataclass
from typing import Final

from liferaft.hosts.compose_values import APP_ENV, target

DEFAULT_STOP: Final = 10
"""Seconds that a stop waits when the file does not say: Compose's own default."""


@dataclass(frozen=True)
class Service:
    """One service; field names are the file's keys."""

    image: str
    command: str | tuple[str, ...] | None = None
    environment: tuple[tuple[str, str], ...] = ()
    env_file: str = APP_ENV
    ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    init: bool = False
    user: str | None = None
    working_dir: str | None = None
    stop_grace_period: int = DEFAULT_STOP
    """Seconds."""

    @property
    def named_volumes(self) -> frozenset[str]:
        """Volumes that podman keeps, in contrast to folders of the server."""
        sources = (mount.partition(":")[0] for mount in self.volumes)
        return frozenset(source for source in sources if not source.startswith("/"))

    @property
    def targets(self) -> tuple[str, ...]:
        """Where its mounts are in the container, in their order."""
        return tuple(target(mount) for mount in self.volumes)
