"""What lies in the buckets of the strict store, and in which order it is listed."""

import time
from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any


@dataclass
class Thing:
    body: bytes
    headers: dict[str, str]
    etag: str
    modified: float = field(default_factory=time.time)
    archived: bool = False
    public: bool = False


Buckets = dict[str, dict[str, Thing]]
"""By name and key."""


class Things(dict[str, Thing]):
    """By key, with an index in the order of a listing, which is made when it is first asked for."""

    _ordered: list[bytes] | None = None

    def after(self, key: bytes, prefix: str, most: int) -> list[str]:
        """So many keys beyond this one at most, of those with the prefix."""
        if self._ordered is None:
            self._ordered = sorted(key.encode() for key in self)
        start = max(bisect_right(self._ordered, key), bisect_left(self._ordered, prefix.encode()))
        found = (one.decode() for one in self._ordered[start : start + most])
        return list(takewhile(lambda one: one.startswith(prefix), found))

    def __setitem__(self, key: str, thing: Thing) -> None:
        if self._ordered is not None and key not in self:
            insort(self._ordered, key.encode())
        super().__setitem__(key, thing)

    def __delitem__(self, key: str) -> None:
        self._ordered = None
        super().__delitem__(key)

    def pop(self, key: str, *otherwise: Any) -> Any:
        self._ordered = None
        return super().pop(key, *otherwise)


def folded(things: dict[str, Thing], prefix: str, delimiter: str, after: bytes) -> list[str]:
    """What lies in a folder itself: its objects, and what the names of its folders begin with."""
    found = set()
    for key in (key for key in list(things) if key.startswith(prefix)):
        name, there, _ = key.removeprefix(prefix).partition(delimiter)
        found.add(f"{prefix}{name}{there}")
    return sorted((key for key in found if key.encode() > after), key=str.encode)
