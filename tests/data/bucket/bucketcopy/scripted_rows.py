"""A database of which a test says who commits when, with PostgreSQL's rules for snapshots."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from liferaft.data.bucket.bucketcopy.rows import Reading, Reference, RowsUnread


@dataclass
class Writer:
    """A transaction that has begun to write."""

    xid: int
    rows: list[Reference] = field(default_factory=list)


@dataclass
class ScriptedRows:
    """Ids are drawn in order; rows are seen once they are committed."""

    committed: list[Reference] = field(default_factory=list)
    writers: list[Writer] = field(default_factory=list)
    next_xid: int = 100
    next_id: int = 1
    fails: str = ""
    asked: list[Sequence[str]] = field(default_factory=list)
    """The positions of each reading."""

    def begin(self) -> Writer:
        writer = Writer(self.next_xid)
        self.next_xid += 1
        self.writers.append(writer)
        return writer

    def insert(self, writer: Writer, key: str) -> None:
        self.insert_drawn(writer, self.draw(), key)

    def draw(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def insert_drawn(self, writer: Writer, drawn: int, key: str) -> None:
        writer.rows.append(Reference(0, str(drawn), key))

    def commit(self, writer: Writer) -> None:
        self.writers.remove(writer)
        self.committed += writer.rows

    def write(self, key: str) -> None:
        writer = self.begin()
        self.insert(writer, key)
        self.commit(writer)

    def lowest(self) -> Sequence[str]:
        return ["0"]

    def highest(self) -> Sequence[str]:
        self._answer()
        return [str(max((int(row.position) for row in self.committed), default=0))]

    def beyond(self, positions: Sequence[str]) -> Reading:
        self._answer()
        self.asked.append(positions)
        rows = sorted(self.committed, key=lambda row: int(row.position))
        rows = [row for row in rows if int(row.position) > int(positions[0])]
        xmin = min((writer.xid for writer in self.writers), default=self.next_xid)
        return Reading(xmin, self.next_xid, rows)

    def newest_first(self) -> Iterator[tuple[int, str]]:
        self._answer()
        rows = sorted(self.committed, key=lambda row: int(row.position), reverse=True)
        return ((row.query, row.key) for row in rows)

    def _answer(self) -> None:
        if self.fails:
            raise RowsUnread(self.fails)
