"""What tables hold, in a few digits that say nothing to whoever lacks the key.

Each row's text is hashed with a key that belongs to one recovery point; a table's digest is the sum
of the beginnings of these, whatever their order. Of a large table a sample of pages is taken: the
same pages of a physical copy.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any, Final

from liferaft.data.postgres.session import execute, quoted
from liferaft.failures import DeadlinePassed
from liferaft.remote.acts import HostActFailed
from liferaft.remote.contract import Host

WHOLE_BYTES: Final = 64 * 1024 * 1024
"""Of a table up to this size every row is read; of a larger one about this much."""
_TRIES: Final = 20
"""For a moment in which nothing is written: it lasts as long as two questions."""
_PAUSE: Final = 0.1
_LOOK_SECONDS: Final = 120
_WITHOUT: Final = (
    "The recovery point is whole and has no digests of tables: a copy of it will be counted, and "
    "compared with nothing."
)
_log = logging.getLogger(__name__)

_TABLES: Final = """
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'm') and c.relpersistence = 'p' and c.relispopulated
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
"""
_READ: Final = f"""
select format(
    $$select json_build_object('table', %L, 'percent', %s, 'rows', count(*), 'digest',
        coalesce(sum(('x' || substr(encode(sha256(
            convert_to(%L, 'UTF8') || convert_to(t::text, 'UTF8')), 'hex'), 1, 16)
        )::bit(64)::bigint::numeric), 0)::text) from only %I.%I as t %s$$,
    whole.name, whole.percent, :'key', whole.nspname, whole.relname,
    case when whole.percent < 100
         then format('tablesample system (%s) repeatable (1)', whole.percent) else '' end)
from (
    select format('%I.%I', n.nspname, c.relname) as name, n.nspname, c.relname,
           coalesce((:'percents'::json ->> format('%I.%I', n.nspname, c.relname))::numeric,
                    least(100, round(100.0 * {WHOLE_BYTES}
                                     / greatest(1, pg_table_size(c.oid)), 3))) as percent
    {_TABLES}) as whole
order by whole.name \\gexec
"""  # noqa: S608 - of constants
_SAME_TEXT: Final = """
set datestyle = 'ISO, YMD'; set timezone = 'UTC'; set intervalstyle = 'postgres';
set bytea_output = 'hex'; set extra_float_digits = 1; set xmloption = 'content';
set search_path = pg_catalog;
"""
_AT_A_MOMENT: Final = f"""
set lock_timeout = '1s'; set statement_timeout = '{_LOOK_SECONDS}s';
select coalesce(string_agg(format('%I.%I', n.nspname, c.relname), ', '), '') as tables,
       count(*) > 0 as any {_TABLES} \\gset
select pg_current_wal_insert_lsn() as before \\gset
select not exists (select from pg_stat_activity where backend_xid is not null)
       and not exists (select from pg_prepared_xacts) as quiet \\gset
begin isolation level repeatable read read only;
\\if :any
lock table :tables in access share mode;
\\endif
select :'quiet' and pg_current_wal_insert_lsn() = :'before' as exact \\gset
\\if :exact
select json_build_object('lsn', :'before');
{_READ}
\\endif
commit;
"""  # noqa: S608 - of constants


QUESTIONS: Final = (_SAME_TEXT, _READ)
"""What is told before a key and how much of each table, and after them."""


def questions(key: str, percents: Mapping[str, float] | None = None) -> str:
    """What psql is told, to answer a line of JSON for each table. percents: how much of each, where
    that was decided before."""
    told = quoted(json.dumps(dict(percents or {})))
    return f"{QUESTIONS[0]}\\set key {quoted(key)}\n\\set percents {told}\n{QUESTIONS[1]}"


async def measure_tables(host: Host, database: str, key: str) -> Mapping[str, Any] | None:
    """The digests of all tables as of one LSN; None where no such moment was found, or where they
    take too long: then a copy cannot be compared.

    A moment is exact when, after its LSN was asked for, no transaction was under way that may have
    written its commit before, and nothing was written until the tables were seen: so every commit
    is either before that LSN or not in what is read.
    """
    for _ in range(_TRIES):
        try:
            answer = await execute(
                host,
                f"{_SAME_TEXT}{_AT_A_MOMENT}",
                doing="Taking the digests of tables",
                database=database,
                values={"key": key, "percents": "{}"},
                deadline=_LOOK_SECONDS + 30.0,
            )
        except (HostActFailed, DeadlinePassed) as failure:
            _log.warning("%s %s", failure.facts.happened, _WITHOUT)
            return None
        rows = [json.loads(line) for line in answer.splitlines() if line.startswith("{")]
        if rows:
            return {"lsn": rows[0]["lsn"], "tables": {row.pop("table"): row for row in rows[1:]}}
        await asyncio.sleep(_PAUSE)
    _log.warning("Something was written at every moment. %s", _WITHOUT)
    return None
