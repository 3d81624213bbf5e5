"""The vaults that a bucket comes back from: what any of them has, as if it were one.

An object's name says which version it is, so that two vaults have the same under the same name. It
is fetched from the first that has it, and from the next where one is silent or its copy damaged.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from typing import Final, TypeVar

from .listing import Listed, listed
from .sealing import SealBroken
from .store import Store, StoreRefused, Unreached

T = TypeVar("T")
KNOCK_SECONDS: Final = 5.0
"""So long one of several vaults may say nothing before the others are asked: users wait for their
objects. It is asked once more in the end."""
Fault = SealBroken | StoreRefused | Unreached


class Vaults:
    """Threads may share it. With one vault it asks what that one would be asked, and no more."""

    def __init__(self, stores: Sequence[Store], *, whole: int = 1) -> None:
        """whole: so many of them, the first ones, had all of the part when it was taken: without
        one of those nothing is said to be restored."""
        self._stores, self._whole = tuple(stores), whole
        self._began: dict[str, int] = {}
        self._turn = threading.Lock()
        self._knocked = len(self._stores) == 1
        self.silent: dict[str, str] = {}
        """By vault, why it is asked no more."""
        self.mended: dict[str, str] = {}
        """By name of an object, what was wrong with a vault's copy, so that another was asked."""

    def ask_again(self) -> bool:
        """Those that were silent are asked from now on; whether there were any."""
        silent, self.silent = self.silent, {}
        self._knocked = len(self._stores) == 1
        return bool(silent)

    def listed(self, prefix: str) -> Iterator[Listed]:
        """What any of them has below the prefix, each name once. Raises what a vault raises that
        cannot be done without."""
        self._knock()
        seen = set[str]()
        for index, store in enumerate(self._stores):
            if store.name in self.silent:
                continue
            try:
                for one in listed(store, prefix):
                    if one.key in seen:
                        continue
                    if len(self._stores) > 1:
                        seen.add(one.key)
                    if index:
                        self._began[one.key] = index
                    yield one
            except (Unreached, StoreRefused) as fault:
                self._leave_out(store, fault)

    def of_one(self, name: str, use: Callable[[Store], T]) -> T:
        """`use` of the first vault that has this object whole. Raises what is not a vault's fault,
        and what the first of them raised where none has it."""
        faults: list[Fault] = []
        for store in self._holding(name):
            try:
                used = use(store)
            except (SealBroken, Unreached, StoreRefused) as fault:
                if not isinstance(fault, SealBroken) and fault.at != store.name:
                    raise
                faults.append(fault)
                if len(self._stores) > 1:
                    self._look_at(store, name, fault)
            else:
                return used
        raise self._worst(faults)

    def require_reachable(self, at: str) -> None:
        """Raises where that vault does not answer, and can not be done without."""
        for store in self._stores:
            if store.name == at and at not in self.silent:
                try:
                    next(listed(store), None)
                except (Unreached, StoreRefused) as fault:
                    self._leave_out(store, fault)

    def _knock(self) -> None:
        """Once, at all that there are: who says nothing is left out. Not where all are silent: then
        they are asked with patience."""
        if self._knocked:
            return
        self._knocked = True
        with ThreadPoolExecutor(len(self._stores)) as pool:
            heard = list(pool.map(_unheard, self._stores))
        if any(fault is None for fault in heard[: self._whole]):
            silent = zip(self._stores, heard, strict=True)
            self.silent |= {store.name: str(fault) for store, fault in silent if fault}

    def _holding(self, name: str) -> Iterator[Store]:
        """Those that answer; the one first in whose listing the object was seen first."""
        first = self._began.get(name, 0)
        for store in (*self._stores[first:], *self._stores[:first]):
            if store.name not in self.silent:
                yield store

    def _look_at(self, store: Store, name: str, fault: Fault) -> None:
        """Whether it is the vault that is silent: then it is asked no more. Else its copy is of no
        use, which is told, or it has none."""
        if isinstance(fault, Unreached) or (
            isinstance(fault, StoreRefused) and fault.is_about_store
        ):
            with self._turn, suppress(Unreached, StoreRefused):
                self.require_reachable(store.name)
        elif not isinstance(fault, StoreRefused) or fault.status != HTTPStatus.NOT_FOUND:
            self.mended[name] = f"in {store.name}: {fault}"

    def _leave_out(self, store: Store, fault: Unreached | StoreRefused) -> None:
        """Raises the fault where no vault is left that had the whole part."""
        left = [one for one in self._stores[: self._whole] if one.name not in self.silent]
        if [one for one in left if one is not store]:
            self.silent[store.name] = str(fault)
        elif store in left:
            raise fault
        else:
            self.silent[store.name] = str(fault)

    def _worst(self, faults: Sequence[Fault]) -> Fault:
        """Damage is the last word on an object only where each vault was asked for it."""
        unreached = [one for one in faults if isinstance(one, Unreached)]
        if unreached:
            return unreached[0]
        if self.silent:
            return Unreached(next(iter(self.silent)), "it may have what another has not whole")
        damaged = [one for one in faults if isinstance(one, SealBroken)]
        return (damaged or faults)[0]


def _unheard(store: Store) -> Unreached | None:
    try:
        store.knock(KNOCK_SECONDS)
    except Unreached as fault:
        return fault
    return None
