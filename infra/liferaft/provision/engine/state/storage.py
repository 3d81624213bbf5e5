"""Where the state rests: Pulumi's own layout below `.pulumi/`, in any obstore store.

A write replaces a whole object at once (a rename in a folder, one PUT in a bucket), so a reader
or a crash finds the old content or the new one.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

import obstore
import stamina
from obstore.exceptions import BaseError, GenericError

from liferaft.provision.engine.contract import StateLocation
from liferaft.provision.engine.faults import EngineLacks, StateDamaged, StateUnreachable
from liferaft.provision.engine.state.marked import marked, unmarked
from liferaft.provision.engine.state.stores import TRY_SECONDS, open_store
from liferaft.vault import ObjectWriter
from liferaft.vault.answers import Meaning, meaning, told

if TYPE_CHECKING:
    from obstore.store import ObjectStore

META: Final = ".pulumi/meta.yaml"
_META_TEXT: Final = b"version: 1\n"
_META: Final = re.compile(rb"version: \d+")
_BLANK: Final = b" \r\n"
_STACKS: Final = ".pulumi/stacks/"
_TRIES: Final = 4
_ALL_SECONDS: Final = 45.0
T = TypeVar("T")


class Storage:
    """Objects of one state, by their paths. Each call tries 4 times, 45 seconds at most, then
    raises `StateUnreachable`."""

    def __init__(self, location: StateLocation) -> None:
        self.url = location.url
        self._store, self._writer = _shared(location.url, frozenset(location.options.items()))

    async def read(self, path: str) -> bytes | None:
        """What `write` was given, or None when there is none. Raises StateDamaged for a checkpoint
        that is not."""
        stored = await self.raw(path)
        if stored is None or not path.startswith(_STACKS):
            return stored
        return unmarked(stored, f"{path} at {self.url}")

    async def raw(self, path: str) -> bytes | None:
        """The object as it rests, or None when there is none."""

        async def get() -> bytes | None:
            try:
                found = await obstore.get_async(self._store, path)
                return bytes(await found.bytes_async())
            except FileNotFoundError:
                return None

        return await self._try("reading", path, get)

    async def write(self, path: str, content: bytes) -> None:
        """Durable, whole, on return. A checkpoint is given its digest."""
        stored = marked(content) if path.startswith(_STACKS) else content

        async def put() -> None:
            await self._writer.put_async(path, stored)

        await self._try("writing", path, put)

    async def remove(self, path: str) -> None:
        """Gone on return; it may have been gone before."""

        async def delete() -> None:
            try:
                await obstore.delete_async(self._store, path)
            except FileNotFoundError:
                return

        await self._try("deleting", path, delete)

    async def list(self, folder: str) -> list[str]:
        """The paths below a folder."""

        async def names() -> list[str]:
            found = await obstore.list(self._store, prefix=folder).collect_async()
            return sorted(item["path"] for item in found)

        return await self._try("listing", folder, names)

    async def prepare(self) -> None:
        """Make sure that this is a state of the layout we know, or make it one."""
        if not await self.require_layout():
            await self.write(META, _META_TEXT)

    async def require_layout(self) -> bool:
        """Whether there is a state. Raises StateDamaged and EngineLacks for one of another layout
        than we know."""
        found = await self.read(META)
        if found is None:
            return False
        if _META.fullmatch(found.strip(_BLANK)) is None:
            raise StateDamaged(
                f"The state is damaged: {META} at {self.url} does not say a version.",
                safe="Nothing was touched.",
                do="Write `version: 1` there: that is all of it.",
                details={"object": f"{META} at {self.url}"},
            )
        if found.strip(_BLANK) != _META_TEXT.strip():
            raise EngineLacks("this state's layout (.pulumi/meta.yaml is not `version: 1`)")
        return True

    async def _try(self, doing: str, path: str, call: Callable[[], Awaitable[T]]) -> T:
        try:
            async for attempt in stamina.retry_context(
                on=_passes, attempts=_TRIES, timeout=_ALL_SECONDS
            ):
                with attempt:
                    async with asyncio.timeout(TRY_SECONDS):
                        return await call()
        except (BaseError, OSError) as error:
            raise StateUnreachable(
                f"{doing.capitalize()} the state failed: {path} at {self.url}.",
                do="Look at the store, then run the same command again.",
                details={"error": f"{type(error).__name__}: {told(error)}"},
            ) from error
        raise AssertionError("stamina ends with a return or an error")


@lru_cache(maxsize=16)
def _shared(url: str, options: frozenset[tuple[str, str]]) -> "tuple[ObjectStore, ObjectWriter]":
    """The same for the same place: its connections are used again, each of which costs three round
    trips before the first question, and what its writes have to carry is known."""
    store = open_store(StateLocation(url, dict(options)))
    return store, ObjectWriter(store)


def _passes(error: Exception) -> bool:
    """Asking again may help: not after a refusal, nor where the store cannot prove who it is."""
    if isinstance(error, GenericError):
        return meaning(error) in (Meaning.OUTAGE, Meaning.TAKEN)
    return isinstance(error, TimeoutError)


def checkpoint_path(project: str, stack: str) -> str:
    return f".pulumi/stacks/{project}/{stack}.json"


def lock_folder(project: str, stack: str) -> str:
    return f".pulumi/locks/organization/{project}/{stack}"


def history_folder(project: str, stack: str) -> str:
    return f".pulumi/history/{project}/{stack}"


def history_stem(project: str, stack: str, nanoseconds: int) -> str:
    return f"{history_folder(project, stack)}/{stack}-{nanoseconds}"


def backup_path(project: str, stack: str, nanoseconds: int) -> str:
    return f".pulumi/backups/{project}/{stack}/{stack}.{nanoseconds}.json"
