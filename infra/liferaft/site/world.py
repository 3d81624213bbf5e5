"""The world as one run sees it: the site, connections to its servers, and the run itself.

Everything is opened once and closed at the end. Actions ask it; none of them reads the environment
or keeps a connection of its own.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from liferaft.hosts import archives
from liferaft.hosts.archives import Archive
from liferaft.recovery.blueprint import Blueprint
from liferaft.site.servers import Servers
from liferaft.site.site import Site
from liferaft.vault import silent_vaults


@dataclass
class Run:
    """What belongs to this run alone.

    Attributes:
        name: its id, which marks what it wrote; empty for what only looks.
        lose_from: the segment of WAL that the operator gives up, with all that follows it.
        away: vaults that did not answer as the command began: whoever agreed to its plan knew.
        archives: the operator's image archives with their digests, each read once: one run means
            one content.
        blueprint: the operator's files that describe the application, gathered once.
    """

    name: str = ""
    lose_from: str | None = None
    away: frozenset[str] = frozenset()
    archives: dict[Path, tuple[str, Archive]] = field(default_factory=dict, repr=False)
    blueprint: Blueprint | None = field(default=None, repr=False)

    async def archive(self, path: Path) -> tuple[str, Archive]:
        """The hex SHA-256 of an operator's archive, and what it holds. Raises BadInput."""
        if path not in self.archives:
            self.archives[path] = await asyncio.to_thread(_read, path)
        return self.archives[path]

    async def described(self, gather: Callable[[], Blueprint]) -> Blueprint:
        """What `gather` finds, which blocks. Raises BadInput."""
        if self.blueprint is None:
            self.blueprint = await asyncio.to_thread(gather)
        return self.blueprint


def _read(path: Path) -> tuple[str, Archive]:
    return archives.digest(path), archives.read(path)


@dataclass
class World:
    """What the actions of one run share."""

    site: Site
    servers: Servers
    run: Run

    @classmethod
    def of(cls, site: Site) -> "World":
        """The world of a site, with no connection to any server yet."""
        return cls(site, Servers(site), Run(away=silent_vaults(site.vault)))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.servers.close()
