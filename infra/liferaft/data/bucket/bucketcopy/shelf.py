"""What lies in one folder of the vault: versions of objects, and the marks beside them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .listing import Listed, listed
from .names import is_ours
from .sealing import BACK, GONE, Seal, digest_of
from .store import Store
from .vaults import Vaults


@dataclass
class _Marks:
    gone: int = 0
    back: int = 0
    marked: float = 0.0
    """When the mark came, by the vault's clock."""


@dataclass
class Shelf:
    """A listing of the folder."""

    prefix: str
    versions: list[Listed] = field(default_factory=list)
    _marks: dict[str, _Marks] = field(default_factory=dict)

    def gone(self, one: Listed, as_of: float | None = None) -> tuple[int, float] | None:
        """Since when the site has this version no more, and when that was marked. as_of: None where
        it was there at that moment (Unix seconds), whatever became of it since."""
        marks = self._marks.get(self.name(one))
        if marks is None or marks.gone <= marks.back:
            return None
        if as_of is not None and marks.gone > as_of:
            return None
        return marks.gone, marks.marked

    def name(self, one: Listed) -> str:
        return one.key.removeprefix(self.prefix)

    def digest(self, one: Listed) -> str:
        return digest_of(self.name(one))

    def standing(self, as_of: float | None = None) -> Iterator[Listed]:
        """Versions that the site had last, or had not lost by that moment."""
        return (one for one in self.versions if self.gone(one, as_of) is None)


def shelf(vault: Store | Vaults, prefix: str, seal: Seal) -> Shelf:
    """All of it; of several vaults what any has, and the marks of one count for the others. What is
    neither a version's name nor a mark of ours is nobody's here. Raises StoreRefused and Unreached.
    """
    found = Shelf(prefix)
    rows = listed(vault, prefix) if isinstance(vault, Store) else vault.listed(prefix)
    for one in rows:
        name = one.key.removeprefix(prefix)
        if is_ours(name):
            found.versions.append(one)
        elif (mark := seal.read_mark(name)) is not None:
            version, sign, at = mark
            marks = found._marks.setdefault(version, _Marks())  # noqa: SLF001  # made here
            if sign == GONE:
                marks.gone = max(marks.gone, at)
                marks.marked = max(marks.marked, moment_of(one.modified))
            elif sign == BACK:
                marks.back = max(marks.back, at)
    return found


def moment_of(modified: str) -> float:
    """Unix seconds of a listing's time; the end of time for what is none."""
    try:
        moment = datetime.fromisoformat(modified)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC).timestamp()
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
