"""What every kind of data answers to, and the values it takes and gives.

A data set acts on servers only through `liferaft.remote.contract.Host`: the host pulls from and
pushes to the vault by itself, nothing passes through the operator's machine.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

from liferaft.remote.contract import Host
from liferaft.remote.files import HostFile

FILES = Path(__file__).parent / "files"
"""Programs and units that go onto hosts as they are."""


@dataclass(frozen=True)
class VaultAccess:
    """How a HOST reaches one vault. A key that may only read is enough for every restore."""

    name: str
    """The vault's name in liferaft.toml; names folders on the host: letters, digits, hyphens."""
    bucket: str
    host: str
    """Name of the endpoint. A DNS name: pgBackRest 2.45 fails TLS against a bare IP address."""
    port: int
    region: str
    access_key: str
    secret_key: str = field(repr=False)
    ca_file: str | None = None
    """Path ON THE HOST of the authority that signed the endpoint; None: the system's."""
    prefix: str = ""
    """The app's part of the bucket, with its slash at the end: `chirp/`."""

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.port}"


@dataclass(frozen=True)
class Part:
    """What a recovery point's manifest says of one data set. Holds no secret."""

    kind: str
    name: str
    epoch: int
    taken_at: str
    """UTC, ISO 8601: when the snapshot was complete."""
    size: int
    """Bytes to restore."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """JSON values: backup label, timeline, LSN, counts: what the kind needs to restore it."""

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "facts": dict(self.facts)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        return cls(**value)


@dataclass(frozen=True)
class Needs:
    """What a kind expects on a host before its first act; moves hand it to `hosts`."""

    packages: tuple[str, ...] = ()
    files: tuple[HostFile, ...] = ()


class DataSet(Protocol):
    """One thing that must survive. Every act is idempotent: killed, it is simply run again.

    `marker` names run and recovery point; the act writes it on the host last, so the same marker
    found there means the act is complete. Failures are `liferaft.failures.Failure`.
    """

    @property
    def kind(self) -> str: ...

    @property
    def name(self) -> str: ...

    async def snapshot(self, host: Host, *, epoch: int, marker: str) -> Part:
        """Everything up to now, in the vault when this returns."""
        ...

    async def restore(self, host: Host, part: Part, *, marker: str) -> None:
        """Brings the part back (buckets: starts to, behind; databases: as a standby)."""
        ...

    async def is_restored(self, host: Host, part: Part, *, marker: str) -> bool: ...

    async def verify(self, host: Host, part: Part) -> None:
        """Proves it by another path than the restore's own word; raises when it is not so."""
        ...
