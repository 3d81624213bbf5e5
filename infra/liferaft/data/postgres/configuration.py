"""The text of every configuration file on a database host, from values. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from liferaft.data.postgres.layout import (
    AREA,
    ASK,
    ETC,
    GET,
    SPOOL,
    STANZA,
    Cluster,
    Database,
    push_config,
)
from liferaft.data.postgres.names import in_rules
from liferaft.data.postgres.settings import rows
from liferaft.hosts.workload import CONTAINERS
from liferaft.remote.files import PROGRAMS, HostFile
from liferaft.site.reach import VaultAccess
from liferaft.vault.layout import EpochKeys


@dataclass(frozen=True)
class Repository:
    """One vault's archive of one epoch."""

    vault: VaultAccess
    epoch: int
    cipher_pass: str = field(repr=False)
    """The same for every epoch: a restore reads across them."""

    @property
    def path(self) -> str:
        return f"/{self.vault.prefix}{EpochKeys(self.epoch).data(AREA)}"


_SOURCES: Final = Path(__file__).parent / "files"
UNITS: Final = "/etc/systemd/system"


def _as_it_is(folder: str, name: str, mode: int = 0o644) -> HostFile:
    return HostFile(f"{folder}/{name}", (_SOURCES / name).read_bytes(), mode=mode)


def program_files() -> tuple[HostFile, ...]:
    """Programs and units that go onto every database server as they are."""
    return (
        _as_it_is(PROGRAMS, "pgbackrest-push", mode=0o755),
        _as_it_is(PROGRAMS, "pgbackrest-get", mode=0o755),
        _as_it_is(PROGRAMS, "heartbeat.sql"),
        _as_it_is(UNITS, "liferaft-heartbeat@.service"),
        _as_it_is(PROGRAMS, "archive-clock.sql"),
        _as_it_is(UNITS, "liferaft-archive-clock.service"),
    )


ARCHIVE_SECONDS: Final = 10
"""PostgreSQL's archive_timeout: a segment that was written to is ended after so long."""
SPARE_SECONDS: Final = 2
"""How much longer `archive-clock.sql` waits before it ends the segment itself."""
ENDED_WITHIN_SECONDS: Final = ARCHIVE_SECONDS + SPARE_SECONDS + 1
"""The age of the oldest write that no finished segment holds: the clock looks once a second."""


BLOCKS: Final = (
    *("914MiB=88KiB", "740MiB=80KiB", "585MiB=72KiB", "448MiB=64KiB", "329MiB=56KiB"),
    *("228MiB=48KiB", "146MiB=40KiB", "96MiB=32KiB", "43MiB=24KiB", "11MiB=16KiB", "1MiB=8KiB"),
)
"""From which size on the blocks of a file that changed are kept alone, and how large they are:
pgBackRest's own, but for files below 1 MiB, which it begins with at 16 KiB. Of each such file a
restore asks the vault once more, and an empty database has 500. A version that does not know the
option warns of it, and takes its own.
https://github.com/pgbackrest/pgbackrest/blob/release/2.55.1/src/command/backup/backup.c"""


def newest_first(repositories: Sequence[Repository]) -> tuple[Repository, ...]:
    """The order in which restores ask: a segment of this epoch is never in an earlier one's. The
    vaults of an epoch stay in the order in which they are given."""
    return tuple(sorted(repositories, key=lambda one: -one.epoch))


def pgbackrest(repositories: Sequence[Repository], cluster: Cluster, *, lock: str) -> str:
    """One pgBackRest configuration; repositories are numbered from 1 in the order given.

    `expire-auto=n`: expiring is a decision of retention, never a side effect of a backup.
    """
    lines = [
        "[global]",
        "expire-auto=n",
        "start-fast=y",
        "compress-type=lz4",
        "process-max=2",
        "io-timeout=30",
        "archive-timeout=60",
        "log-level-console=warn",
        "log-level-file=off",
        f"lock-path={SPOOL}/lock/{lock}",
        f"spool-path={SPOOL}",
    ]
    for number, repository in enumerate(repositories, start=1):
        settings = _repository(repository)
        if cluster.has_block_backups:  # of bundles: a change does not cost the whole file again
            settings += ["block=y", *(f"block-size-map={row}" for row in BLOCKS)]
        lines += (f"repo{number}-{setting}" for setting in settings)
    lines += [f"[{STANZA}]", f"pg1-path={cluster.data}", "pg1-socket-path=/var/run/postgresql"]
    return "\n".join(lines) + "\n"


def _repository(repository: Repository) -> list[str]:
    vault = repository.vault
    settings = [
        "type=s3",
        f"path={repository.path}",
        f"s3-bucket={vault.bucket}",
        f"s3-endpoint={vault.host}",
        f"s3-region={vault.region}",
        "s3-uri-style=path",
        f"storage-port={vault.port}",
        f"s3-key={vault.access_key}",
        f"s3-key-secret={vault.secret_key}",
        # Small files of a backup together: a request for each of a thousand takes its time.
        "bundle=y",
        "cipher-type=aes-256-cbc",
        f"cipher-pass={repository.cipher_pass}",
    ]
    if vault.ca_file is not None:
        settings.append(f"storage-ca-file={vault.ca_file}")
    return settings


def push_files(repositories: Sequence[Repository], cluster: Cluster) -> list[HostFile]:
    """A configuration for each store and epoch; the wrapper picks by the file that names it."""
    return [
        _readable_by_postgres(
            push_config(one.vault.name, one.epoch), pgbackrest([one], cluster, lock=one.vault.name)
        )
        for one in repositories
    ]


def get_file(repositories: Sequence[Repository], cluster: Cluster) -> HostFile:
    text = pgbackrest(newest_first(repositories), cluster, lock="get")
    return _readable_by_postgres(GET, text)


def asking_file(repositories: Sequence[Repository], cluster: Cluster) -> HostFile:
    """By which archives are asked that a restore is made without."""
    text = pgbackrest(newest_first(repositories), cluster, lock="ask")
    return _readable_by_postgres(ASK, text)


def _readable_by_postgres(path: str, text: str) -> HostFile:
    return HostFile(path, text.encode(), mode=0o640, owner="root:postgres")


def server_files(database: Database) -> list[HostFile]:
    """PostgreSQL's own files: the same on a primary and on a standby that will reign."""
    return [
        HostFile(f"{database.cluster.config}/conf.d/liferaft.conf", _server(database).encode()),
        HostFile(
            f"{database.cluster.config}/liferaft_hba.conf",
            _hba(database).encode(),
            mode=0o640,
            owner="root:postgres",
        ),
    ]


def _server(database: Database) -> str:
    """The last of two lines about one setting counts: ours."""
    return f"""\
{rows(database.settings)}listen_addresses = '{database.address},127.0.0.1'
hba_file = '{database.cluster.config}/liferaft_hba.conf'
password_encryption = 'scram-sha-256'
wal_level = replica
hot_standby = on
max_wal_size = '1GB'
# A standby refuses to archive by the absence of {ETC}/reign, so that promoting needs no restart.
archive_mode = on
archive_timeout = '{ARCHIVE_SECONDS}s'
archive_command = '{PROGRAMS}/pgbackrest-push "%p"'
wal_retrieve_retry_interval = '500ms'
"""


def _hba(database: Database) -> str:
    who = f"{in_rules(database.name)} {in_rules(database.role)}"
    return f"""\
local all all peer
host {who} 127.0.0.1/32 scram-sha-256
host {who} {database.network} scram-sha-256
# Containers of this server itself.
host {who} {CONTAINERS} scram-sha-256
"""
