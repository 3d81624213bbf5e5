"""A good copy of each stack's state in further places, and the way back from one.

A copy has Pulumi's own layout, so its place is a state of its own. It is written at the end of
each operation. Which place is right is not told by clocks: whoever calls knows which vault leads.
A copy that seems newer than what replaces it is kept among Pulumi's backups.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from liferaft.failures import Failure, Held, Refused
from liferaft.provision.engine.contract import (
    Engine,
    LockHolder,
    OnEvent,
    Outcome,
    Request,
    StateLocation,
)
from liferaft.provision.engine.faults import StateDamaged, StateUnreachable
from liferaft.provision.engine.state.checkpoint import read_latest
from liferaft.provision.engine.state.lock import Lock
from liferaft.provision.engine.state.standing import at_cloud
from liferaft.provision.engine.state.storage import Storage, backup_path, checkpoint_path

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
COPY_SECONDS: Final = 20.0
"""Seconds for one copy; a place that takes longer is left out."""
T = TypeVar("T")
_log = logging.getLogger(__name__)


class StateLost(Refused):
    """The state's place has nothing of a stack that a copy knows."""


@dataclass(frozen=True)
class Copy:
    """A stack's state as it rests in one place."""

    place: str
    """The vault's name."""
    written: datetime
    """When that state was current, as its manifest says; UTC."""
    resources: int
    """Objects at a cloud."""
    text: bytes

    @property
    def when(self) -> str:
        """`written` for people and machines: RFC 3339."""
        return f"{self.written:%Y-%m-%dT%H:%M:%SZ}"


class Copying:
    """An engine whose states have copies. Implements `contract.Engine` around another one.

    That a copy cannot be written is a warning, never an error: the operation was done.
    """

    def __init__(
        self,
        engine: Engine,
        places: Callable[[], Mapping[str, StateLocation]],
        missed: Callable[[str, str], None] = lambda _, __: None,
    ) -> None:
        """`places`: those of all vaults that answer, by the vault's name. missed: is told which
        vault did not take a copy, and why. Both may block."""
        self._engine = engine
        self._places = places
        self._missed = missed

    async def preview(self, request: Request, on_event: OnEvent) -> Outcome:
        return await self._read(request, lambda: self._engine.preview(request, on_event))

    async def up(self, request: Request, on_event: OnEvent) -> Outcome:
        return await self._change(request, lambda: self._engine.up(request, on_event))

    async def destroy(self, request: Request, on_event: OnEvent) -> Outcome:
        return await self._change(request, lambda: self._engine.destroy(request, on_event))

    async def refresh(
        self, request: Request, on_event: OnEvent, *, preview: bool = False
    ) -> Outcome:
        kept = self._read if preview else self._change
        return await kept(request, lambda: self._engine.refresh(request, on_event, preview=preview))

    async def export(self, request: Request) -> dict[str, Any]:
        return await self._read(request, lambda: self._engine.export(request))

    async def import_(self, request: Request, deployment: Mapping[str, Any]) -> None:
        await self._engine.import_(request, deployment)
        await self._copy(request)

    async def cancel(self, request: Request) -> tuple[LockHolder, ...]:
        return await self._engine.cancel(request)

    async def _read(self, request: Request, work: Callable[[], Awaitable[T]]) -> T:
        """`work`, unless the state is gone while a copy is there."""
        try:
            if await Storage(request.state).read(_path(request)) is None:
                await self._require_no_copy(request)
            return await work()
        except StateUnreachable as lost:
            raise await self._with_way_on(lost, request) from lost
        except StateDamaged as damage:
            raise await self._with_way_on(damage, request) from damage

    async def _change(self, request: Request, work: Callable[[], Awaitable[T]]) -> T:
        """Do `work` as `_read` does, and copy the state afterwards, whatever came of it."""
        try:
            done = await self._read(request, work)
        except (StateUnreachable, StateDamaged, StateLost, Held):
            raise  # there is nothing to copy, or it is somebody else's at this moment
        except Failure:
            await self._copy(request)
            raise
        await self._copy(request)
        return done

    async def _copy(self, request: Request) -> None:
        try:
            text = await Storage(request.state).read(_path(request))
        except (StateUnreachable, StateDamaged) as lost:
            _log.warning("The state of %s was not copied: %s", request.stack, lost)
            return
        if text is not None:
            others = (await self._others(request)).items()
            await asyncio.gather(*(self._copy_to(*one, request, text) for one in others))

    async def _copy_to(
        self, name: str, place: StateLocation, request: Request, text: bytes
    ) -> None:
        try:
            async with asyncio.timeout(COPY_SECONDS):
                await _replace(Storage(place), request.project, request.stack, text)
        except (Failure, TimeoutError) as error:
            reason = str(error) or f"no answer within {COPY_SECONDS:.0f} s"
            _log.warning(
                "WARNING: vault %s has no copy of the newest state of %s: %s. If the vault that "
                "leads is lost now, so is what this operation wrote.",
                *(name, request.stack, reason),
            )
            await self._tell_missed(name, f"it has no copy of the state of {request.stack}")

    async def _tell_missed(self, name: str, why: str) -> None:
        try:
            await asyncio.to_thread(self._missed, name, why)
        except Failure as failure:
            _log.warning("That was not noted: %s", failure)

    async def _others(self, request: Request) -> Mapping[str, StateLocation]:
        """The places of copies: every one but the state's own."""
        places = await asyncio.to_thread(self._places)
        return {name: place for name, place in places.items() if place != request.state}

    async def _require_no_copy(self, request: Request) -> None:
        for copy in await self._found(request):
            if copy.resources:
                raise StateLost(
                    f"The state of {request.stack} is gone from its place; vault {copy.place} has "
                    f"a copy of {copy.when} with {copy.resources} resources.",
                    safe="Nothing was touched.",
                    do=f"liferaft state restore {request.stack} --from {copy.place}",
                    details={"state": request.state.url},
                )

    async def _with_way_on(
        self, trouble: StateUnreachable | StateDamaged, request: Request
    ) -> StateUnreachable | StateDamaged:
        """The same failure, with the newest copy and the way to use it."""
        found = await self._found(request)
        if not found:
            return trouble
        copy, facts = found[0], trouble.facts
        there = (
            f"Vault {copy.place} has a copy of the state of {request.stack} of {copy.when}, with "
            f"{copy.resources} resources."
        )
        if isinstance(trouble, StateDamaged):
            way = f"liferaft state restore {request.stack} --from {copy.place}"
            safe = f"Nothing was touched. {there}"
            return StateDamaged(facts.happened, safe=safe, do=way, details=facts.details)
        return StateUnreachable(
            facts.happened,
            safe=there,
            do=f"{facts.do} While that store does not answer, vault {copy.place} leads and its "
            "copy is used as it is.",
            details=facts.details,
        )

    async def _found(self, request: Request) -> Sequence[Copy]:
        return await copies(await self._others(request), request.project, request.stack)


async def copies(places: Mapping[str, StateLocation], project: str, stack: str) -> Sequence[Copy]:
    """The readable copies of a stack, the newest first; what cannot be read is left out."""
    found = await asyncio.gather(
        *(_copy_at(name, place, project, stack) for name, place in places.items())
    )
    return sorted((c for c in found if c is not None), key=lambda c: c.written, reverse=True)


async def bring(
    source: StateLocation, target: StateLocation, project: str, stacks: Sequence[str]
) -> None:
    """Give `target` the states that `source` has, whatever it had. Raises StateUnreachable, and
    StateDamaged for what `source` has not whole."""
    for stack in stacks:
        text = await Storage(source).read(checkpoint_path(project, stack))
        if text is not None:
            await _replace(Storage(target), project, stack, text)


async def restore(copy: Copy, target: StateLocation, project: str, stack: str) -> str | None:
    """Put a copy in the place of a stack's state; durable on return.

    What was there is kept among Pulumi's backups: its path, None if nothing was. Raises `Locked`.
    """
    storage = Storage(target)
    await storage.prepare()
    lock = Lock(storage, project, stack)
    await lock.acquire()
    try:
        path = checkpoint_path(project, stack)
        before = await storage.raw(path)
        kept = backup_path(project, stack, time.time_ns()) if before is not None else None
        if before is not None and kept is not None:
            await storage.write(kept, before)
        await storage.write(path, copy.text)
        return kept
    finally:
        await lock.release()


async def _copy_at(name: str, place: StateLocation, project: str, stack: str) -> Copy | None:
    try:
        async with asyncio.timeout(COPY_SECONDS):
            text = await Storage(place).read(checkpoint_path(project, stack))
            if text is None:
                return None
            return Copy(name, _written(text), at_cloud(read_latest(text)), text)
    except (Failure, TimeoutError) as error:
        _log.warning("Vault %s cannot be asked for a copy of the state: %s", name, error)
        return None


async def _replace(storage: Storage, project: str, stack: str, text: bytes) -> None:
    """Put a state there. What was there and seems newer is kept among Pulumi's backups."""
    path = checkpoint_path(project, stack)
    there = await _whole(storage, path)
    if there == text:
        return
    await storage.prepare()
    if there is not None and _written(there) > _written(text):
        await storage.write(backup_path(project, stack, time.time_ns()), there)
    await storage.write(path, text)


async def _whole(storage: Storage, path: str) -> bytes | None:
    """A checkpoint; None when there is none, or one that is damaged and to be replaced."""
    try:
        return await storage.read(path)
    except StateDamaged as damage:
        _log.warning("%s It is written anew.", damage)
        return None


def _written(text: bytes) -> datetime:
    """The manifest's moment; the beginning of time for a stack that was never deployed."""
    moment = read_latest(text).get("manifest", {}).get("time")
    return datetime.fromisoformat(moment).astimezone(UTC) if moment else _NEVER


def _path(request: Request) -> str:
    return checkpoint_path(request.project, request.stack)
