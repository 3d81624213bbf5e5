"""One operation on one stack, from its lock to its outcome; lives on the engine's event loop."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from liferaft.failures import Failure
from liferaft.provision.engine.contract import Diagnostic, OperationEvent, Outcome, Request
from liferaft.provision.engine.embedded.deleter import Deleter
from liferaft.provision.engine.embedded.gate import Gate
from liferaft.provision.engine.embedded.protocol import Operation
from liferaft.provision.engine.embedded.provider_table import ProviderTable
from liferaft.provision.engine.embedded.refresher import Refresher
from liferaft.provision.engine.embedded.registrar import Registrar
from liferaft.provision.engine.embedded.stack_reference import StackReferences
from liferaft.provision.engine.embedded.steps import Steps
from liferaft.provision.engine.embedded.writer import Writer
from liferaft.provision.engine.progress import EngineProgress
from liferaft.provision.engine.state.checkpoint import Checkpoint, read_latest, salt_of
from liferaft.provision.engine.state.lock import Lock
from liferaft.provision.engine.state.passphrase import Passphrase
from liferaft.provision.engine.state.rows import Row
from liferaft.provision.engine.state.sealing import compact
from liferaft.provision.engine.state.storage import Storage, checkpoint_path, history_stem
from liferaft.provision.engine.state.values import Properties, has_secret, has_unknown, plain
from liferaft.provision.engine.urn import STACK_TYPE


class EngineRun:
    """Open it, let the program register through it, close it."""

    def __init__(
        self,
        operation: Operation,
        request: Request,
        storage: Storage,
        lock: Lock,
        tell: Callable[[OperationEvent], None],
    ) -> None:
        self.operation = operation
        self.request = request
        self._storage = storage
        self._lock = lock
        self._preview = operation in ("preview", "preview-refresh")
        self._progress = EngineProgress(tell, preview=self._preview)
        self._gate = Gate(request.parallel)
        self._began = time.time()
        self._stack_outputs: Properties | None = None
        self._closing = asyncio.Lock()
        self._outcome: Outcome | None = None

    async def open(self) -> None:
        """Take the lock and read the state. Raises a `Failure`; then nothing is held."""
        request = self.request
        if self._preview:
            await self._load()
            return
        await self._storage.prepare()
        notes = await self._lock.acquire()
        try:
            await self._load()
        except BaseException:
            await self._lock.release()
            raise
        for note in notes:
            self._progress.say("warning", note)
        if request.clear_pending_creates and self.operation == "refresh":
            self._checkpoint.interrupted.clear()
        for row in self._checkpoint.interrupted:
            self._progress.say("warning", _interrupted(row, request.stack), row.urn)
        for operation, urn in self._checkpoint.dropped:
            self._progress.say("warning", f"{urn}: an earlier run was killed {operation} it", urn)

    async def _load(self) -> None:
        request = self.request
        path = checkpoint_path(request.project, request.stack)
        latest = read_latest(await self._storage.read(path))
        passphrase = Passphrase(request.passphrase, salt_of(latest))
        self._checkpoint = Checkpoint(f"organization/{request.project}/{request.stack}", passphrase)
        await self._checkpoint.load(latest)
        writer = None
        if not self._preview:
            writer = Writer(self._storage, path, self._checkpoint.text, passphrase)
        self._writer = writer
        self._unlocking = asyncio.create_task(self._unlock(passphrase))
        self._steps = Steps(self._checkpoint, writer, self._gate, self._progress)
        references = StackReferences(self._storage, request)
        self._providers = ProviderTable(self._steps, request, references)
        self.registrar = Registrar(self._steps, self._providers, request.project, request.stack)
        self._deleter = Deleter(self._steps, self._providers, self.registrar)
        self._refresher = Refresher(self._steps, self._providers, self.registrar)

    async def _unlock(self, passphrase: Passphrase) -> None:
        """The key takes a second: have it derived while the program starts, for the first write.

        Whoever needs the key awaits it and gets the error; this task only starts it early.
        """
        if self._writer is not None:
            await asyncio.wait([asyncio.create_task(passphrase.unlock())])

    # -- what the program does -------------------------------------------------------------

    async def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Take the outputs of a component. Those of the Stack are held until it is known how the
        program ended."""
        row = self._checkpoint.find(urn)
        if row is None:
            return
        if row.type == STACK_TYPE:
            self._stack_outputs = outputs
        elif row.outputs != outputs:
            self._checkpoint.swap(row, replace(row, outputs=outputs))
            await self._steps.durable()

    async def begin(self) -> None:
        """Before the program: ask the providers what is there, if that was wished for."""
        if self.request.refresh and self.operation in ("preview", "up"):
            await self._refresher.refresh(alone=False)

    async def work_alone(self) -> None:
        """All that an operation without a program does."""
        if self.operation == "destroy":
            await self.finish()
        else:
            await self._refresher.refresh(alone=True)

    @property
    def is_stopped(self) -> bool:
        return bool(self._gate.reason)

    async def finish(self) -> None:
        """The program ended well, or there is none to run: delete what nothing wanted."""
        if not self._gate.reason:
            await self._deleter.delete_the_rest()

    def log(self, diagnostic: Diagnostic) -> None:
        self._progress.say(diagnostic.severity, diagnostic.message, diagnostic.urn)

    # -- how it ends -----------------------------------------------------------------------

    def fail(self, message: str) -> None:
        """The program failed, unless the engine had: then it only echoes."""
        if not self._gate.reason:
            self._steps.fail("", message)

    def interrupt(self, why: str) -> None:
        """Start nothing new. What is under way ends by itself."""
        if not self._gate.reason:
            self._steps.fail("", f"{why}: nothing new was started; run the same command again")

    async def close(self) -> Outcome:
        """Wait for steps under way, write everything down, give the lock back.

        Raises the `Failure` that stopped the run, if nothing was touched before it.
        """
        async with self._closing:
            if self._outcome is None:
                self._outcome = await self._close()
        refusal = self.registrar.refusal
        if refusal is not None and (self._writer is None or not self._progress.touched):
            raise refusal
        return self._outcome

    async def _close(self) -> Outcome:
        await self._gate.wait_until_idle()
        try:
            outputs = self._settle_stack_outputs()
            if self._writer is not None:
                await self._write_the_end()
        except Failure as error:
            self.registrar.refuse(error)
            outputs = {}
        finally:
            await self._providers.close()
            if self._writer is not None:
                await self._lock.release()
        known = {key: value for key, value in outputs.items() if not has_unknown(value)}
        return Outcome(
            ok=not self._gate.reason,
            outputs={key: plain(value) for key, value in known.items()},
            secret_outputs=frozenset(key for key, value in known.items() if has_secret(value)),
            changes=dict(self._progress.changes),
            steps=tuple(self._progress.steps),
            diagnostics=tuple(self._progress.diagnostics),
        )

    def _settle_stack_outputs(self) -> Properties:
        rows = [row for row in self._checkpoint.rows if row.type == STACK_TYPE]
        if not rows or self._stack_outputs is None:
            return rows[0].outputs if rows else {}
        outputs = self._stack_outputs
        if self._gate.reason:  # a failed program may not have come to all of its exports
            outputs = {**rows[0].outputs, **outputs}
        if outputs != rows[0].outputs:
            self._checkpoint.swap(rows[0], replace(rows[0], outputs=outputs))
        return outputs

    async def _write_the_end(self) -> None:
        await self._steps.durable()
        request, ended = self.request, time.time()
        stem = history_stem(request.project, request.stack, time.time_ns())
        record: dict[str, Any] = {
            "kind": "update" if self.operation == "up" else self.operation,
            "startTime": int(self._began),
            "message": "",
            "environment": {"exec.kind": "liferaft"},
            "config": {},
            "version": 0,
            "result": "failed" if self._gate.reason else "succeeded",
            "endTime": int(ended),
            "resourceChanges": dict(self._progress.changes),
        }
        await asyncio.gather(
            self._storage.write(f"{stem}.history.json", compact(record).encode()),
            self._storage.write(f"{stem}.checkpoint.json", self._checkpoint.text().encode()),
        )


def _interrupted(row: Row, stack: str) -> str:
    return (
        f"an earlier run of {stack} was killed while it created {row.urn}: it may exist. `up` "
        "finds it again where its provider creates once, as ours does. Else look there for a "
        "second one, then refresh with pending creations cleared"
    )
