"""A database host, configured: the cluster, the app's role and database, the archive, heartbeat."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from liferaft.data.postgres.acceptance import require_accepted
from liferaft.data.postgres.application import make_databases, require_held
from liferaft.data.postgres.configuration import Repository, program_files, push_files, server_files
from liferaft.data.postgres.extensions import create_extensions
from liferaft.data.postgres.layout import (
    CLAIM,
    COPY,
    ETC,
    OWN_DATABASE,
    SPOOL,
    Cluster,
    Database,
)
from liferaft.data.postgres.listening import (
    KERNEL_FILE,
    allow_late_addresses,
    is_listening,
    require_listening,
)
from liferaft.data.postgres.services import keep_running
from liferaft.data.postgres.session import (
    ask,
    execute,
    is_running,
    restart_cluster,
    start_cluster,
    stop_cluster,
)
from liferaft.data.postgres.stanzas import create_stanzas
from liferaft.data.postgres.vaults import forget_others, keep_watch
from liferaft.failures import Refused
from liferaft.remote.acts import HostActFailed, act, succeeds
from liferaft.remote.contract import Host
from liferaft.remote.files import PROGRAMS, folders, put_changed
from liferaft.remote.markers import is_marked, mark
from liferaft.remote.waiting import wait_until
from liferaft.vault.layout import digits

_OURS: Final = "postgres.cluster"
_CONFIGURED: Final = "postgres.configured"
SLOW_SECONDS: Final = 15.0
"""How long a database that runs may leave questions at its own address unanswered."""
CLOCK: Final = "liferaft-archive-clock.service"
_FOREIGN_DATABASES: Final = """
select to_json(count(*)) from pg_database
where datname not in ('postgres', 'template0', 'template1')
"""


async def configure_primary(
    host: Host, database: Database, repositories: Sequence[Repository]
) -> bool:
    """Let the cluster run, archive to every repository (all of one epoch) and beat. Idempotent.

    Returns whether anything was changed. PostgreSQL is restarted only when its configuration
    changed.
    """
    (epoch,) = {repository.epoch for repository in repositories}
    if await is_marked(host, _OURS, database.cluster.version) and await is_running(host):
        await require_held(host, database)  # before what serves is told of another one
    changes = [
        await prepare(host, database, repositories),
        await _make_own_cluster(host, database.cluster),
        await configure(host, database),
        await make_databases(host, database),
        await create_extensions(host, database),
        await _make_own_tables(host),
        await create_stanzas(host, repositories),
        await claim_archive(host, epoch),
        await start_heartbeat(host, database),
        await keep_watch(host, repositories),
    ]
    return any(changes)


async def prepare(host: Host, database: Database, repositories: Sequence[Repository]) -> bool:
    """Put folders, programs and push configurations in place, and make the cluster; nothing is
    started.

    Returns whether a file or the cluster was missing or another.
    """
    stores = sorted({repository.vault.name for repository in repositories})
    push = (f"{ETC}/push/{store}" for store in stores)
    await folders(host, PROGRAMS)
    await folders(host, ETC, f"{ETC}/push", *push, owner="root:postgres", mode=0o750)
    spool = (SPOOL, f"{SPOOL}/held", f"{SPOOL}/lock")
    await folders(host, *spool, owner="postgres:postgres", mode=0o750)
    await forget_others(host, stores)
    cluster = database.cluster
    created = not await succeeds(host, ["test", "-e", f"{cluster.config}/postgresql.conf"])
    if created:
        await _create_cluster(host, cluster)
    await require_accepted(host, database)
    files = [*program_files(), *push_files(repositories, cluster), *server_files(database)]
    changed = bool(await put_changed(host, [*files, KERNEL_FILE]))
    await allow_late_addresses(host)
    return changed or created


async def configure(host: Host, database: Database) -> bool:
    """Let PostgreSQL run with exactly the configuration that `prepare` has put. Returns whether it
    had to be restarted for it."""
    if await is_marked(host, _CONFIGURED, _digest(database)) and await _serves(host, database):
        return False
    await _start_at_boot(host, database.cluster)
    doing = "Starting PostgreSQL with its configuration"
    await restart_cluster(host, database.cluster, deadline=120, doing=doing)
    await require_listening(host, database)
    await mark(host, _CONFIGURED, _digest(database))
    return True


async def _serves(host: Host, database: Database) -> bool:
    """It is reached at its address. One that runs and is slow to answer there, since it has much to
    do or comes back from a crash, is given time: a restart would take it from its users."""

    async def listens() -> bool:
        return await is_listening(host, database)

    if await listens():
        return True
    return await is_running(host) and await wait_until(listens, seconds=SLOW_SECONDS, every=1.0)


async def note_configured(host: Host, database: Database) -> None:
    """Note that a copy which was started after `prepare` is what `configure_primary` wants: a
    deploy after its promotion has nothing to restart, which would take the app from its users."""
    await _start_at_boot(host, database.cluster)
    await mark(host, _OURS, database.cluster.version)
    await mark(host, _CONFIGURED, _digest(database))


async def _start_at_boot(host: Host, cluster: Cluster) -> None:
    doing = "Letting PostgreSQL start at boot"
    await act(host, ["systemctl", "enable", cluster.unit], doing=doing)


def _digest(database: Database) -> str:
    contents = b"\0".join(file.content for file in server_files(database))
    return hashlib.sha256(contents).hexdigest()


async def _make_own_cluster(host: Host, cluster: Cluster) -> bool:
    """A cluster with checksums and a system identifier of its own, instead of the package's.

    The package's cluster may be part of a machine image: all its copies carry one identifier, and
    then nothing could tell their archives apart. A cluster that holds a database is left alone.
    """
    if await is_marked(host, _OURS, cluster.version):
        return False
    doing = "Starting the cluster that came with the package"
    await start_cluster(host, cluster, deadline=60, doing=doing)
    if not await ask(host, _FOREIGN_DATABASES, doing="Looking for databases"):
        await stop_cluster(host, cluster)
        drop = ["pg_dropcluster", cluster.version, cluster.name]
        await act(host, drop, doing="Dropping the empty cluster")
        await _create_cluster(host, cluster)
    await mark(host, _OURS, cluster.version)
    return True


async def _create_cluster(host: Host, cluster: Cluster) -> None:
    argv = ["pg_createcluster", "--locale=C.UTF-8", "--encoding=UTF8", cluster.version]
    argv += [cluster.name, "--", "--data-checksums"]
    await act(host, argv, doing="Creating the cluster", deadline=60)
    await act(host, ["systemctl", "daemon-reload"], doing="Telling systemd of the cluster")


_SCHEMA: Final = """
create schema if not exists liferaft;
create table if not exists liferaft.heartbeat (epoch bigint primary key, at timestamptz not null);
create table if not exists liferaft.reign (
    epoch bigint primary key,
    timeline integer not null,
    fork_lsn pg_lsn,
    left_sequences text[] not null,
    began_at timestamptz not null default clock_timestamp());
"""
_OUR_TABLES: Final = "select to_json(to_regclass('liferaft.reign') is not null)"


async def _make_own_tables(host: Host) -> bool:
    if await ask(host, _OUR_TABLES, doing="Looking for our tables", database=OWN_DATABASE):
        return False
    await execute(host, _SCHEMA, doing="Creating our tables", database=OWN_DATABASE)
    return True


async def claim_archive(host: Host, epoch: int) -> bool:
    """Let this host archive under this epoch from now on; durable on return. Returns whether it did
    not before. Raises Refused for a copy on trial."""
    if await epoch_of(host) == epoch:
        return False
    if await is_copy(host):
        raise Refused(
            f"The database on this host is a copy on trial: it never archives, under epoch {epoch} "
            "or any other",
            safe="Nothing was changed.",
            do="A drill made it: `liferaft drill --clean` deletes its servers.",
        )
    script = (
        f"umask 027; printf '%s\\n' {digits(epoch)} > {CLAIM}.new && chgrp postgres {CLAIM}.new"
        f" && sync {CLAIM}.new && mv {CLAIM}.new {CLAIM} && sync {ETC}"
    )
    await act(host, ["bash", "-c", script], doing=f"Writing the reign of epoch {epoch}")
    return True


async def note_copy(host: Host) -> None:
    """From now on this host's database never archives; durable on return."""
    script = f"umask 027; : >{COPY} && chgrp postgres {COPY} && sync {COPY} {ETC}"
    await act(host, ["bash", "-c", script], doing="Noting that this database is a copy on trial")


async def is_copy(host: Host) -> bool:
    """Whether this host's database is a copy on trial."""
    return await succeeds(host, ["test", "-e", COPY])


async def epoch_of(host: Host) -> int | None:
    completed = await host.run(["cat", CLAIM], deadline=30, check=False)
    written = completed.exit_code == 0 and completed.text.isdecimal()
    return int(completed.text) if written else None


async def start_heartbeat(host: Host, database: Database) -> bool:
    """Let the heartbeat and the archive's clock run, at boot too. Returns whether one of them did
    not."""
    heartbeat = f"liferaft-heartbeat@{database.name}.service"
    changes = [
        await keep_running(host, heartbeat, f"{PROGRAMS}/heartbeat.sql", "the heartbeat"),
        await keep_running(host, CLOCK, f"{PROGRAMS}/archive-clock.sql", "the archive's clock"),
    ]
    return any(changes)


@dataclass(frozen=True)
class Heartbeat:
    """The last second, by the primary's clock, whose writes are in this copy of the database."""

    epoch: int
    at: datetime


async def last_heartbeat(host: Host, database: Database, *, before: int | None = None) -> Heartbeat:
    """Works on a standby. Of the newest epoch that ever beat here, or the newest `before` one."""
    earlier = "" if before is None else f"where epoch < {before:d}"
    row = await ask(
        host,
        f"select json_build_array(epoch, at) from liferaft.heartbeat {earlier}"  # noqa: S608 - a number
        " order by epoch desc limit 1",
        doing="Reading the heartbeat",
        database=OWN_DATABASE,
    )
    if row is None:
        raise HostActFailed(
            f"The server of database {database.name} holds no heartbeat.",
            do="The age of its data cannot be measured; look at the app's own newest rows.",
        )
    return Heartbeat(row[0], datetime.fromisoformat(row[1]))
