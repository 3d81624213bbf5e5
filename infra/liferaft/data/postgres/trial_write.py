"""A copy on trial is written to and read again: what can only be read brings nobody back."""

import json
from typing import Final

from liferaft.data.failures import NotVerified
from liferaft.data.postgres.layout import OWN_DATABASE, Database
from liferaft.data.postgres.primary import last_heartbeat
from liferaft.data.postgres.session import execute
from liferaft.failures import Own
from liferaft.remote.acts import HostActFailed
from liferaft.remote.contract import Host

_WORD: Final = "written on trial"
_AS_THE_APP: Final = """
begin;
select format('set local role %I', :'role') \\gexec
create schema liferaft_on_trial;
create table liferaft_on_trial.rows (said text not null);
insert into liferaft_on_trial.rows values (:'word');
select to_json(said) from liferaft_on_trial.rows;
rollback;
"""
"""Nothing of it stays, wherever it is broken off: the application finds its database as it was."""
_BEAT: Final = """
insert into liferaft.heartbeat (epoch, at) values (:'epoch'::bigint, clock_timestamp())
on conflict (epoch) do update set at = excluded.at
"""


class TakesNoWrite(HostActFailed):
    """A database came back, and cannot be written to."""


async def write_and_read(host: Host, database: Database, epoch: int) -> None:
    """The application's role makes a table in its database, writes and reads it, and takes all of
    it back; then a row of liferaft's own is committed, and read by another session. Idempotent.
    Raises TakesNoWrite."""
    said = await execute(
        host,
        _AS_THE_APP,
        doing=f"Writing to database {database.name} as its application",
        database=database.name,
        values={"role": database.role, "word": _WORD},
        failure=TakesNoWrite,
    )
    if json.loads(said or "null") != _WORD:
        raise _unread(database, f"{_WORD!r} was written, and {said!r} was read")
    await execute(
        host,
        _BEAT,
        doing="Writing a row of liferaft's own to the copy",
        database=OWN_DATABASE,
        values={"epoch": str(epoch)},
        failure=TakesNoWrite,
    )
    await require_written(host, database, epoch)


async def has_written(host: Host, database: Database, epoch: int) -> bool:
    """Whether the row of this epoch is there."""
    return (await last_heartbeat(host, database)).epoch == epoch


async def require_written(host: Host, database: Database, epoch: int) -> None:
    """Raise NotVerified unless a session of its own finds the row."""
    if not await has_written(host, database, epoch):
        raise _unread(database, "a row that was committed is not found again")


def _unread(database: Database, why: str) -> NotVerified:
    return NotVerified(
        f"What is written to database {database.name} is not read again: {why}.",
        safe=Own("It is a copy: the database that reigns was not asked."),
        do="See how the database that reigns is set: the copy has its settings.",
    )
