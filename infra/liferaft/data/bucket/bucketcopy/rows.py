"""What the application's own rows say of its objects, read on the database's server.

Each query gives the key of an object and a value that grows from row to row, of rows beyond `$1`.
It is asked by psql, as a role that may read and nothing else, within one snapshot for all queries.
https://www.postgresql.org/docs/15/functions-info.html#FUNCTIONS-PG-SNAPSHOT
"""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Protocol

STATEMENT_SECONDS: Final = 20
WHOLE_SECONDS: Final = 600
"""For a statement that reads all rows."""
_SECONDS: Final = 100.0
"""For psql as a whole, beyond its statement's."""
_LOWEST: Final[Mapping[str, str]] = {
    "smallint": "-32768",
    "integer": "-2147483648",
    "bigint": "-9223372036854775808",
    "numeric": "-Infinity",
    "real": "-Infinity",
    "double precision": "-Infinity",
    "date": "-infinity",
    "timestamp without time zone": "-infinity",
    "timestamp with time zone": "-infinity",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "text": "",
    "character varying": "",
}
"""What comes before all others, by the type of `$1`."""


class RowsUnread(Exception):
    """The database did not answer a query, or not as it has to."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One object that a row names."""

    query: int
    position: str
    key: str


@dataclass(frozen=True)
class Reading:
    """Rows beyond the positions that were asked for, those of each query in their order."""

    xmin: int
    """All transactions before this one had ended."""
    xmax: int
    """This one, and those after it, had not begun."""
    rows: Sequence[Reference]


class Rows(Protocol):
    """Where rows are read from. All of these raise RowsUnread."""

    def lowest(self) -> Sequence[str]:
        """A position before all others, of each query."""
        ...

    def highest(self) -> Sequence[str]:
        """The last position of each query, or the lowest where there are no rows."""
        ...

    def beyond(self, positions: Sequence[str]) -> Reading: ...

    def newest_first(self) -> Iterator[tuple[int, str]]:
        """The keys of all rows, one query after the other, each with its query's number."""
        ...


class DatabaseRows:
    """Rows of one database of this host."""

    def __init__(self, database: str, role: str, queries: Sequence[str]) -> None:
        self._database, self._role, self._queries = database, role, queries

    def lowest(self) -> Sequence[str]:
        asked = "".join(
            f"prepare q{n} as {query}\n;\n"
            "select to_json(parameter_types[1]::regtype::text) from pg_prepared_statements"
            f" where name = 'q{n}';\n"
            for n, query in enumerate(self._queries)
        )
        return [
            _lowest(query, said)
            for query, said in zip(self._queries, self._said(asked), strict=True)
        ]

    def highest(self) -> Sequence[str]:
        found = list(self.lowest())
        told = "select json_build_array({n}, r.position::text)"
        order = "where r.position is not null order by r.position desc limit 1"
        for number, position in self._said(self._executed(told, order, found)):
            found[number] = position
        return found

    def beyond(self, positions: Sequence[str]) -> Reading:
        asked = (
            "select json_build_array(pg_snapshot_xmin(now)::text, pg_snapshot_xmax(now)::text)"
            " from pg_current_snapshot() as now;\n"
        )
        told = "select json_build_array({n}, r.position::text, r.key::text)"
        order = "where r.key is not null and r.position is not null order by r.position"
        said = self._said(asked + self._executed(told, order, positions))
        first = next(said, None)
        if first is None:
            raise RowsUnread("the database told no snapshot")
        return Reading(int(first[0]), int(first[1]), [Reference(*one) for one in said])

    def newest_first(self) -> Iterator[tuple[int, str]]:
        told = "select json_build_array({n}, r.key::text)"
        order = "where r.key is not null order by r.position desc nulls last"
        asked = self._executed(told, order, self.lowest())
        return ((int(n), str(key)) for n, key in self._said(asked, WHOLE_SECONDS))

    def _executed(self, told: str, order: str, positions: Sequence[str]) -> str:
        """Statements that tell something of each query's rows beyond its position."""
        return "".join(
            f"prepare q{n} as {told.format(n=n)} from (\n{query}\n) as r(key, position) {order};\n"
            f"execute q{n}({_quoted(position)});\n"
            for n, (query, position) in enumerate(zip(self._queries, positions, strict=True))
        )

    def _said(self, asked: str, seconds: int = STATEMENT_SECONDS) -> Iterator[Any]:
        """What each line of the answer says."""
        script = (
            "begin transaction isolation level repeatable read read only;\n"
            f"set local statement_timeout = '{seconds}s';\n{asked}commit;\n"
        )
        try:
            ended = subprocess.run(
                [_psql(), "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self._database],
                input=script.encode(),
                capture_output=True,
                timeout=_SECONDS + seconds,
                check=False,
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "PGCLIENTENCODING": "UTF8", "PGUSER": self._role},
                user=self._role if os.geteuid() == 0 else None,
            )
        except (OSError, LookupError, subprocess.TimeoutExpired) as error:
            raise RowsUnread(f"psql as {self._role}: {error}") from error
        if ended.returncode:
            raise RowsUnread(" ".join(ended.stderr.decode(errors="replace").split())[-1000:])
        return (json.loads(line) for line in BytesIO(ended.stdout) if line.strip())


def _lowest(query: str, type_said: Any) -> str:
    if type_said not in _LOWEST:
        raise RowsUnread(f"$1 is of a type that has no known beginning, {type_said}: {query}")
    return _LOWEST[type_said]


def _quoted(position: str) -> str:
    return "'" + position.replace("'", "''") + "'"


def _psql() -> str:
    """Debian's own `psql` is a Perl program that looks for this one, each second anew."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"))
    return str(found[-1]) if found else "psql"
