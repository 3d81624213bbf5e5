"""What the tables' functions need of a database cursor."""

from collections.abc import Sequence
from typing import Any, Protocol

Row = tuple[Any, ...]


class Rows(Protocol):
    """One open transaction. Values travel apart from the statement, always."""

    def execute(self, statement: str, values: Sequence[object] = ()) -> None:
        """Run one statement; raises Unavailable if the database cannot do it now."""

    def first(self) -> Row | None:
        """The next row of the answer, if there is one."""

    def only(self) -> Row:
        """The row of an answer that always has one."""

    def all(self) -> list[Row]:
        """Every row of the answer that was not read yet."""
