"""Where things are on a database host: Debian's cluster layout and our folders beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from liferaft.clouds.systems import DEFAULT_SYSTEM, System
from liferaft.vault.layout import EpochKeys, digits

STANZA: Final = "main"
AREA: Final = "pgbackrest"
"""The folder of the database below an epoch's in a vault."""
_ARCHIVE: Final = f"archive/{STANZA}"
_VERSIONS: Final[Mapping[System, str]] = MappingProxyType({"debian-12": "15", "debian-13": "17"})
"""Which PostgreSQL each Debian has."""
_WITHOUT_BLOCKS: Final = 15
"""Beside it Debian has pgBackRest 2.45."""


@dataclass(frozen=True)
class Cluster:
    """Debian's cluster of one major version of PostgreSQL. It has the only port."""

    version: str
    name: str = "main"

    @property
    def data(self) -> str:
        return f"/var/lib/postgresql/{self.version}/{self.name}"

    @property
    def config(self) -> str:
        return f"/etc/postgresql/{self.version}/{self.name}"

    @property
    def programs(self) -> str:
        return f"/usr/lib/postgresql/{self.version}/bin"

    @property
    def unit(self) -> str:
        return f"postgresql@{self.version}-{self.name}.service"

    @property
    def log(self) -> str:
        return f"/var/log/postgresql/postgresql-{self.version}-{self.name}.log"

    @property
    def archive(self) -> str:
        """Where pgBackRest keeps its WAL, below a repository's path. Every epoch has a path and a
        stanza of its own, so the number behind the version is always 1."""
        return f"{_ARCHIVE}/{self.version}-1"

    @property
    def has_block_backups(self) -> bool:
        """Whether Debian's pgBackRest beside it can keep the changed blocks of a file alone: it can
        from 2.46 on. https://pgbackrest.org/release.html"""
        return int(self.version) > _WITHOUT_BLOCKS

    @property
    def packages(self) -> tuple[str, ...]:
        return (f"postgresql-{self.version}", "pgbackrest", "python3")


def cluster_of(system: System) -> Cluster:
    """The cluster of a server that runs this system."""
    return Cluster(_VERSIONS[system])


ETC: Final = "/etc/pgbackrest/liferaft"
"""root:postgres 0750: what the archiver, which runs as postgres, must be able to read."""
SPOOL: Final = "/var/spool/pgbackrest/liferaft"
CLAIM: Final = f"{ETC}/reign"
"""Eight digits: the epoch under which this host archives. Without it nothing is archived."""
COPY: Final = f"{ETC}/copy"
"""Where it is, this host's database is a copy on trial: it never archives."""
GET: Final = f"{ETC}/get.conf"
ASK: Final = f"{ETC}/ask.conf"
"""Archives that a restore is made without, to ask them once more."""
GET_END: Final = f"{ETC}/get.end"
"""The last segment that a standby may fetch, once the end was settled; empty or absent: any."""
GET_LOG: Final = f"{SPOOL}/get.log"
AHEAD: Final = f"{SPOOL}/ahead"
"""What a standby has fetched ahead of its replay; it belongs to that replay alone. As a primary it
removes it with its first push."""
AWAY: Final = f"{SPOOL}/away"
"""Which archives did not answer the fetches of a standby; it belongs to that replay alone too."""
OWN_DATABASE: Final = "postgres"
"""The database with our own tables. The app's holds nothing that its owner may not read: else no
tool that dumps as the owner would work."""
FIRST_TIMELINE: Final = 1
"""The timeline of a database that was never promoted."""


def archive_in_vault(epoch: int) -> str:
    """Where the WAL of an epoch lies, below the app's prefix in a vault: in one folder there, of
    the version that the epoch's servers run."""
    return EpochKeys(epoch).data(AREA, _ARCHIVE)


def segments_in_vault(epoch: int, cluster: Cluster) -> str:
    """That folder itself."""
    return EpochKeys(epoch).data(AREA, cluster.archive)


def backups_in_vault(epoch: int) -> str:
    """Where the base backups of an epoch lie, as above."""
    return EpochKeys(epoch).data(AREA, "backup", STANZA)


def push_config(store: str, epoch: int) -> str:
    return f"{ETC}/push/{store}/{digits(epoch)}.conf"


@dataclass(frozen=True)
class Database:
    """The app's database and who may reach it."""

    name: str
    role: str
    password: str = field(repr=False)
    """ASCII: SCRAM's normalisation of other characters is not done here."""
    address: str
    """The host's private address: PostgreSQL listens there and on the loopback."""
    network: str
    """CIDR of the site's private network."""
    cluster: Cluster = field(default_factory=lambda: cluster_of(DEFAULT_SYSTEM))
    locale: str | None = None
    """By which it orders text, where that is said; else byte by byte."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """PostgreSQL's own, as far as they are the application's."""
    packages: tuple[str, ...] = ()
    """Debian's, that hold what its extensions need."""
    extensions: tuple[str, ...] = ()
