"""Writes a run's events: to local disk first, if it takes them, then to the vaults; durable on
return."""

import asyncio
import logging
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from liferaft.failures import Failure, Held
from liferaft.journal.clock import Clock, SystemClock, stamp
from liferaft.journal.event import RUN_FINISHED, RUN_STARTED, Event
from liferaft.journal.record import RunRecord
from liferaft.journal.run import RunName
from liferaft.vault import Vault, VaultFailure

_log = logging.getLogger(__name__)


class JournalLost(Failure):
    """No vault takes events any more. The run must not go on unseen."""


class RunTaken(Held):
    """Another process writes the journal of this run."""


class Journal:
    """The journal of one run, open for writing.

    An event that a vault cannot take is kept and offered to it again with the next one; as long
    as one vault takes it the run goes on. A local disk that is full or read-only stops nothing: it
    is said once.
    """

    def __init__(
        self, name: RunName, vaults: Sequence[Vault], folder: Path, clock: Clock, seq: int
    ) -> None:
        if not vaults:
            raise ValueError("a journal needs a vault")
        self.name = name
        self._folder = folder
        self._clock = clock
        self._seq = seq
        self._session = secrets.token_hex(4)
        self._opened = clock.monotonic()
        self._owed: dict[str, list[Event]] = {vault.name: [] for vault in vaults}
        self._vaults = {vault.name: vault for vault in vaults}
        self._not_here: OSError | None = None
        self._turn = asyncio.Lock()
        self._writing: set[asyncio.Task[None]] = set()

    @classmethod
    async def begin(
        cls,
        name: RunName,
        *,
        move: str,
        site: str,
        inputs: Mapping[str, Any],
        digest: str,
        vaults: Sequence[Vault],
        folder: Path,
        clock: Clock | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> Self:
        """A new run. Its first event holds everything that the plan was built from.

        digest: of the plan that was agreed to. folder: on local disk; the run gets a folder of
        its own below it. about: what its report tells of this session, and nothing is decided by.
        """
        journal = cls(name, vaults, folder, clock or SystemClock(), 0)
        told = {"move": move, "site": site, "inputs": dict(inputs), "digest": digest}
        await journal.event(RUN_STARTED, **told, **_noted(about))
        return journal

    @classmethod
    async def resume(
        cls,
        record: RunRecord,
        *,
        vaults: Sequence[Vault],
        folder: Path,
        clock: Clock | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> Self:
        """Go on writing where the record ends. about: as for `begin`.

        Raises RunTaken if another process has written since it was read.
        """
        last = max(record.highest, record.events[-1].seq)
        journal = cls(record.name, vaults, folder, clock or SystemClock(), last)
        await journal.event("run-resumed", **_noted(about))
        return journal

    async def event(self, kind: str, **facts: Any) -> None:
        """Record an event. On return it is in at least one vault, and on local disk if it can be.

        Raises JournalLost if no vault takes it, RunTaken if its place is another process's.
        A caller that is cancelled meanwhile does not tear the event: it is written all the same.
        """
        writing = asyncio.create_task(self._record(kind, facts))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)
        await asyncio.shield(writing)

    async def finish(self, **facts: Any) -> None:
        """The run reached its goal: it is not resumed any more."""
        await self.event(RUN_FINISHED, **facts)

    async def _record(self, kind: str, facts: Mapping[str, Any]) -> None:
        async with self._turn:
            event = Event(
                self._seq + 1,
                kind,
                stamp(self._clock.now()),
                self._session,
                round(self._clock.monotonic() - self._opened, 3),
                facts,
            )
            # In threads, so that steps under way are not held up by a slow disk or vault.
            await asyncio.to_thread(self._keep, event)
            self._seq = event.seq
            results = await asyncio.gather(
                *(asyncio.to_thread(self._send, name, event) for name in self._vaults)
            )
        lost = [failure for failure in results if failure is not None]
        if len(lost) == len(results):
            raise JournalLost(
                f"No vault takes the journal of run {self.name}: {lost[0].facts.happened}",
                safe=self._whereabouts(kind),
                do="Run the same command again when a vault answers.",
            ) from lost[0]

    def _whereabouts(self, kind: str) -> str:
        """Where the run's events are when no vault took the last one."""
        if self._not_here is None:
            return f"Its events up to {kind} are on this machine, in {self._folder}."
        return "No further step is begun. Its earlier events are in the vault."

    def _keep(self, event: Event) -> None:
        """Write the event to local disk; that is for people, the vault's copy is what counts."""
        try:
            self._write(event)
        except OSError as error:
            if self._not_here is None:
                _log.warning(
                    "The journal of this run is not kept on this machine, in %s: %s. It is kept "
                    "in the vault, and the run goes on.",
                    self._folder,
                    error.strerror or error,
                )
            self._not_here = error

    def _write(self, event: Event) -> None:
        path = self._folder / str(self.name) / f"{event.seq:06}.json"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("wb") as file:
            file.write(event.to_json())
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(path.parent)

    def _send(self, name: str, event: Event) -> VaultFailure | None:
        owed = self._owed[name]
        owed.append(event)
        while owed:
            try:
                taken = self._vaults[name].create(self.name.key(owed[0].seq), owed[0].to_json())
            except VaultFailure as failure:
                return failure
            if not taken:
                raise RunTaken(
                    f"Another process writes the journal of run {self.name}",
                    safe="This process stopped before its next step.",
                    do="See `liferaft status`, or wait for the other process to end.",
                )
            del owed[0]
        return None


def _noted(about: Mapping[str, Any] | None) -> dict[str, Any]:
    return {} if about is None else {"about": dict(about)}


def _sync_folder(folder: Path) -> None:
    """Make the new file's name durable too: fsync of the file alone does not."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
