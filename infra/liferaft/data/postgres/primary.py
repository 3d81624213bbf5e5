"""A database host, configured: the cluster, the app's role and database, the archive, heartbeat."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from liferaft.data.postgres.configuration import Repository, program_files, push_files, server_files
from liferaft.data.postgres.layout import (
    CLUSTER,
    CONFIG,
    ETC,
    OWN_DATABASE,
    REIGN,
    SPOOL,
    STANZA,
    UNIT,
    VERSION,
    Database,
    push_config,
)
from liferaft.data.postgres.scram import matches, verifier
from liferaft.data.postgres.session import ask, execute, is_running, restarted, started, stopped
from liferaft.remote.acts import HostActFailed, act, as_user, succeeds
from liferaft.remote.contract import Host
from liferaft.remote.files import PROGRAMS, folders, put_changed
from liferaft.remote.markers import is_marked, mark
from liferaft.vault.layout import digits

_OURS: Final = "postgres.cluster"
_CONFIGURED: Final = "postgres.configured"
CLOCK: Final = "liferaft-archive-clock.service"
_FOREIGN_DATABASES: Final = """
select to_json(count(*)) from pg_database
where datname not in ('postgres', 'template0', 'template1')
"""


async def configured_as_primary(
    host: Host, database: Database, repositories: Sequence[Repository]
) -> bool:
    """The cluster runs, archives to every repository (all of one epoch) and beats. Idempotent.

    Whether anything was changed. Restarts PostgreSQL only when its configuration changed.
    """
    (epoch,) = {repository.epoch for repository in repositories}
    changes = [
        await prepared(host, database, repositories),
        await _own_cluster(host),
        await configured(host, database),
        await _app_database(host, database),
        await stanza_created(host, repositories),
        await reigning(host, epoch),
        await beating(host, database),
    ]
    return any(changes)


async def prepared(host: Host, database: Database, repositories: Sequence[Repository]) -> bool:
    """Folders, programs, the cluster's existence, and push configurations: nothing is started.

    Whether a file or the cluster was missing or another.
    """
    stores = sorted({repository.vault.name for repository in repositories})
    push = (f"{ETC}/push/{store}" for store in stores)
    await folders(host, PROGRAMS)
    await folders(host, ETC, f"{ETC}/push", *push, owner="root:postgres", mode=0o750)
    spool = (SPOOL, f"{SPOOL}/held", f"{SPOOL}/lock")
    await folders(host, *spool, owner="postgres:postgres", mode=0o750)
    created = not await succeeds(host, ["test", "-e", f"{CONFIG}/postgresql.conf"])
    if created:
        await _create_cluster(host)
    files = [*program_files(), *push_files(repositories), *server_files(database)]
    return bool(await put_changed(host, files)) or created


async def configured(host: Host, database: Database) -> bool:
    """PostgreSQL runs with exactly the configuration that `prepared` has put; whether it had to be
    restarted for it."""
    if await is_marked(host, _CONFIGURED, _digest(database)) and await is_running(host):
        return False
    await act(host, ["systemctl", "enable", UNIT], doing="Letting PostgreSQL start at boot")
    await restarted(host, deadline=120, doing="Starting PostgreSQL with its configuration")
    await mark(host, _CONFIGURED, _digest(database))
    return True


async def configured_by_restore(host: Host, database: Database) -> None:
    """A copy that was started after `prepared` is what `configured_as_primary` wants: a deploy
    after its promotion has nothing to restart, which would take the app from its users."""
    await act(host, ["systemctl", "enable", UNIT], doing="Letting PostgreSQL start at boot")
    await mark(host, _OURS, VERSION)
    await mark(host, _CONFIGURED, _digest(database))


def _digest(database: Database) -> str:
    contents = b"\0".join(file.content for file in server_files(database))
    return hashlib.sha256(contents).hexdigest()


async def _own_cluster(host: Host) -> bool:
    """A cluster with checksums and a system identifier of its own, instead of the package's.

    The package's cluster may be part of a machine image: all its copies carry one identifier, and
    then nothing could tell their archives apart. A cluster that holds a database is left alone.
    """
    if await is_marked(host, _OURS, VERSION):
        return False
    doing = "Starting the cluster that came with the package"
    await started(host, deadline=60, doing=doing)
    taken = await ask(
        host,
        _FOREIGN_DATABASES,
        doing="Looking for databases",
    )
    if not taken:
        await stopped(host)
        await act(host, ["pg_dropcluster", VERSION, CLUSTER], doing="Dropping the empty cluster")
        await _create_cluster(host)
    await mark(host, _OURS, VERSION)
    return True


async def _create_cluster(host: Host) -> None:
    argv = ["pg_createcluster", "--locale=C.UTF-8", "--encoding=UTF8", VERSION, CLUSTER]
    await act(host, [*argv, "--", "--data-checksums"], doing="Creating the cluster", deadline=60)
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


_KNOWN: Final = """
select json_build_object(
    'verifier', (select coalesce(rolpassword, '') from pg_authid where rolname = :'role'),
    'database', exists (select from pg_database where datname = :'name'))
"""
_OUR_TABLES: Final = "select to_json(to_regclass('liferaft.reign') is not null)"
_CREATE_ROLE: Final = "select format('create role %I login', :'role') \\gexec"
_SET_VERIFIER: Final = "select format('alter role %I password %L', :'role', :'verifier') \\gexec"
_CREATE_DATABASE: Final = """
select format('create database %I owner %I encoding ''UTF8'' locale ''C.UTF-8'' template template0',
              :'name', :'role') \\gexec
"""


async def _app_database(host: Host, database: Database) -> bool:
    names = {"name": database.name, "role": database.role}
    known = await ask(host, _KNOWN, doing="Looking for the app's database", values=names)
    if known["verifier"] is None:
        await execute(host, _CREATE_ROLE, doing="Creating the app's role", values=names)
    lets_in = matches(database.password, known["verifier"] or "")
    if not lets_in:
        secret = {**names, "verifier": verifier(database.password)}
        await execute(host, _SET_VERIFIER, doing="Setting the role's password", values=secret)
    if not known["database"]:
        await execute(host, _CREATE_DATABASE, doing="Creating the app's database", values=names)
    ours = await ask(host, _OUR_TABLES, doing="Looking for our tables", database=OWN_DATABASE)
    if not ours:
        await execute(host, _SCHEMA, doing="Creating our tables", database=OWN_DATABASE)
    return not (lets_in and known["database"] and ours)


async def stanza_created(host: Host, repositories: Sequence[Repository]) -> bool:
    """Each repository knows this cluster; whether one did not. Works on a standby too
    (`--no-online`). Idempotent."""
    said = [
        await act(
            host,
            as_user(
                "postgres",
                "pgbackrest",
                f"--config={push_config(one.vault.name, one.epoch)}",
                f"--stanza={STANZA}",
                "--no-online",
                "--log-level-console=info",
                "stanza-create",
            ),
            doing=f"Preparing the archive of epoch {one.epoch} in vault {one.vault.name}",
            deadline=90,
        )
        for one in repositories
    ]
    return not all("already exists" in answer for answer in said)


async def reigning(host: Host, epoch: int) -> bool:
    """From now on this host archives, under this epoch; durable on return. Whether it did not."""
    if await reign_of(host) == epoch:
        return False
    script = (
        f"umask 027; printf '%s\\n' {digits(epoch)} > {REIGN}.new && chgrp postgres {REIGN}.new"
        f" && sync {REIGN}.new && mv {REIGN}.new {REIGN} && sync {ETC}"
    )
    await act(host, ["bash", "-c", script], doing=f"Writing the reign of epoch {epoch}")
    return True


async def reign_of(host: Host) -> int | None:
    completed = await host.run(["cat", REIGN], deadline=30, check=False)
    written = completed.exit_code == 0 and completed.text.isdecimal()
    return int(completed.text) if written else None


async def beating(host: Host, database: Database) -> bool:
    """The heartbeat and the archive's clock run, and at boot; whether one of them did not."""
    heartbeat = f"liferaft-heartbeat@{database.name}.service"
    changes = [
        await _kept_running(host, heartbeat, f"{PROGRAMS}/heartbeat.sql", "the heartbeat"),
        await _kept_running(host, CLOCK, f"{PROGRAMS}/archive-clock.sql", "the archive's clock"),
    ]
    return any(changes)


async def _kept_running(host: Host, unit: str, program: str, what: str) -> bool:
    """Enabled and active, with the unit and the program that lie on the host now; whether it had
    to be started for that."""
    runs = (
        f"systemctl --quiet is-enabled {unit} && systemctl --quiet is-active {unit}"
        f" && test $(systemctl show -P NeedDaemonReload {unit}) = no"
        f' && test "$(date -d "$(systemctl show -P ActiveEnterTimestamp {unit})" +%s)"'
        f' -ge "$(stat -c %Y {program})"'
    )
    if await succeeds(host, ["bash", "-c", runs]):
        return False
    start = f"systemctl daemon-reload && systemctl enable {unit} && systemctl restart {unit}"
    await act(host, ["bash", "-c", start], doing=f"Starting {what}")
    return True


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
