"""Where things are on a database host: Debian's cluster layout and our folders beside it."""

from dataclasses import dataclass, field
from typing import Final

from liferaft.vault.layout import EpochKeys, digits

VERSION: Final = "15"
CLUSTER: Final = "main"
STANZA: Final = "main"
DATA: Final = f"/var/lib/postgresql/{VERSION}/{CLUSTER}"
CONFIG: Final = f"/etc/postgresql/{VERSION}/{CLUSTER}"
UNIT: Final = f"postgresql@{VERSION}-{CLUSTER}.service"
AREA: Final = "pgbackrest"
"""The folder of the database below an epoch's in a vault."""
ARCHIVE: Final = f"archive/{STANZA}/{VERSION}-1"
"""Every epoch has a path and a stanza of its own, so the archive's number is always 1."""

ETC: Final = "/etc/pgbackrest/liferaft"
"""root:postgres 0750: what the archiver, which runs as postgres, must be able to read."""
SPOOL: Final = "/var/spool/pgbackrest/liferaft"
CLAIM: Final = f"{ETC}/reign"
"""Eight digits: the epoch under which this host archives. Without it nothing is archived."""
GET: Final = f"{ETC}/get.conf"
ASK: Final = f"{ETC}/ask.conf"
"""Archives that a restore is made without, to ask them once more."""
GET_END: Final = f"{ETC}/get.end"
"""The last segment that a standby may fetch, once the end was settled; empty or absent: any."""
GET_LOG: Final = f"{SPOOL}/get.log"
AHEAD: Final = f"{SPOOL}/ahead"
"""What a standby has fetched ahead of its replay; it belongs to that replay alone. As a primary it
removes it with its first push."""
OWN_DATABASE: Final = "postgres"
"""The database with our own tables. The app's holds nothing that its owner may not read: else no
tool that dumps as the owner would work."""
FIRST_TIMELINE: Final = 1
"""The timeline of a database that was never promoted."""


def archive_in_vault(epoch: int) -> str:
    """Where the WAL of an epoch lies, below the app's prefix in a vault."""
    return EpochKeys(epoch).data(AREA, ARCHIVE)


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
