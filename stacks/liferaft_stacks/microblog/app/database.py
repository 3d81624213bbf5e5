"""Connections to PostgreSQL that outlive its restarts, and transactions on them."""

import contextlib
import queue
import select
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg2
from psycopg2 import errors

from . import schema
from .rows import Row, Rows
from .unavailable import Unavailable

AWAY = (psycopg2.OperationalError, psycopg2.InterfaceError)
READ_ONLY = (errors.ReadOnlySqlTransaction,)

CONNECTION_LIMITS = {
    "connect_timeout": 2,  # seconds; libpq takes no less
    "tcp_user_timeout": 3000,  # milliseconds until an unacknowledged packet ends the connection
    "keepalives_idle": 5,
    "options": "-c statement_timeout=2500 -c idle_in_transaction_session_timeout=5000"
    " -c timezone=UTC",
}


class Transaction:
    """One transaction's statements (see `rows.Rows`)."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def execute(self, statement: str, values: Sequence[object] = ()) -> None:
        """Run one statement."""
        self._cursor.execute(statement, values)

    def first(self) -> Row | None:
        """The next row, if there is one."""
        row: Row | None = self._cursor.fetchone()
        return row

    def only(self) -> Row:
        """The row of an answer that always has one."""
        row = self.first()
        if row is None:
            raise LookupError("The statement answered without a row.")
        return row

    def all(self) -> list[Row]:
        """The rows that were not read yet."""
        rows: list[Row] = self._cursor.fetchall()
        return rows


class Database:
    """A store of idle connections. Opens one when none is idle; so threads bound their number."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._idle: queue.LifoQueue[Any] = queue.LifoQueue()
        self._schema_is_up = False

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Rows]:
        """Commits when the block ends, rolls back when it raises.

        Raises Unavailable when the database is unreachable, going down or read-only; a commit
        whose answer is lost raises as well: whether it happened is then unknown.
        """
        connection = None
        try:
            connection = self._connection()
            with connection, connection.cursor() as cursor:
                yield Transaction(cursor)
        except AWAY as error:
            raise Unavailable("The database is away.") from error
        except READ_ONLY as error:
            raise Unavailable("The database may not be written.") from error
        finally:
            self._take_back(connection)

    def check_writable(self) -> None:
        """Raises Unavailable unless the database answers and takes writes."""
        with self.transaction() as rows:
            rows.execute(
                "select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean"
            )
            (read_only,) = rows.only()
        if read_only:
            raise Unavailable("The database may not be written.")

    def _connection(self) -> Any:
        while True:
            try:
                idle = self._idle.get_nowait()
            except queue.Empty:
                return self._open()
            if _is_quiet(idle):
                return idle
            idle.close()

    def _open(self) -> Any:
        connection = psycopg2.connect(self._url, **CONNECTION_LIMITS)
        if not self._schema_is_up:
            with connection, connection.cursor() as cursor:
                cursor.execute("select pg_is_in_recovery()")
                if not cursor.fetchone()[0]:
                    schema.bring_up(Transaction(cursor))
                    self._schema_is_up = True
        return connection

    def _take_back(self, connection: Any) -> None:
        if connection is not None and not connection.closed:
            self._idle.put(connection)


def _is_quiet(connection: Any) -> bool:
    """Whether an idle connection has nothing to read: a server that went away leaves its farewell.

    Costs no round trip, and spares each idle connection's next user an error after a restart.
    """
    readable, _, _ = select.select([connection.fileno()], [], [], 0)
    return not readable
