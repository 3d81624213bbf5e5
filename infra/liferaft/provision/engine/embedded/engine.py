"""The embedded engine, seen from its caller: one child process for each operation.

A process of its own, because a program leaves traces in whatever process runs it, and because
it must not see our environment. See `child` for the other side, `protocol` for what they say.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from liferaft.failures import Failure, Own
from liferaft.provision.engine.contract import (
    Diagnostic,
    LockHolder,
    OnEvent,
    OperationEvent,
    Outcome,
    Request,
)
from liferaft.provision.engine.embedded.protocol import (
    Operation,
    read_failure,
    read_outcome,
    request_line,
)
from liferaft.provision.engine.faults import EngineDied
from liferaft.provision.engine.state.checkpoint import VERSION, read_latest
from liferaft.provision.engine.state.replacing import cancel, import_state
from liferaft.provision.engine.state.storage import Storage, checkpoint_path

_CHILD: Final = ("-P", "-m", "liferaft.provision.engine.embedded.child")
_LINE_BYTES: Final = 256 << 20
_DRAIN_SECONDS: Final = 5.0
INTERRUPT_SECONDS: Final = 20.0
"""How long steps under way may go on after an interrupt, before their process is killed."""
_SURROUNDINGS: Final = {"PATH": os.defpath, "HOME": "/", "LANG": "C.UTF-8"}


@dataclass
class _Heard:
    """What the child has said so far."""

    lock: str = ""
    outcome: Outcome | None = None
    failure: Failure | None = None
    prints: list[Diagnostic] = field(default_factory=list)
    last_words: deque[str] = field(default_factory=lambda: deque(maxlen=20))


class EmbeddedEngine:
    """Pulumi programs on the Pulumi SDK alone. Implements `contract.Engine`."""

    def __init__(self, surroundings: Mapping[str, str] | None = None) -> None:
        """PATH, HOME and LANG are taken from `surroundings`, nothing else of it is."""
        given = surroundings or {}
        self._surroundings = {key: given.get(key, usual) for key, usual in _SURROUNDINGS.items()}

    async def preview(self, request: Request, on_event: OnEvent) -> Outcome:
        return await self._operate("preview", request, on_event)

    async def up(self, request: Request, on_event: OnEvent) -> Outcome:
        return await self._operate("up", request, on_event)

    async def destroy(self, request: Request, on_event: OnEvent) -> Outcome:
        return await self._operate("destroy", request, on_event)

    async def refresh(
        self, request: Request, on_event: OnEvent, *, preview: bool = False
    ) -> Outcome:
        operation: Operation = "preview-refresh" if preview else "refresh"
        return await self._operate(operation, request, on_event)

    async def export(self, request: Request) -> dict[str, Any]:
        storage = Storage(request.state)
        text = await storage.read(checkpoint_path(request.project, request.stack))
        latest = read_latest(text)
        return {"version": VERSION, "deployment": latest} if latest else {}

    async def import_(self, request: Request, deployment: Mapping[str, Any]) -> None:
        await import_state(request, deployment)

    async def cancel(self, request: Request) -> tuple[LockHolder, ...]:
        return await cancel(request)

    async def _operate(self, operation: Operation, request: Request, on_event: OnEvent) -> Outcome:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *_CHILD,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**self._surroundings, **request.environment},
            start_new_session=True,  # a Ctrl-C reaches it once, through us
            limit=_LINE_BYTES,
        )
        assert child.stdin is not None
        child.stdin.write(request_line(operation, request))
        heard = _Heard()
        listening = asyncio.create_task(_listen(child, heard, on_event))
        try:
            await asyncio.shield(listening)
        except asyncio.CancelledError:
            await self._interrupt(child, listening, request, heard)
            raise
        finally:
            child.stdin.close()
        if heard.failure is not None:
            raise heard.failure
        if heard.outcome is None:
            raise await self._clear_after(child, request, heard)
        return replace(heard.outcome, diagnostics=(*heard.outcome.diagnostics, *heard.prints))

    async def _interrupt(
        self,
        child: asyncio.subprocess.Process,
        listening: "asyncio.Task[None]",
        request: Request,
        heard: _Heard,
    ) -> None:
        """The child is gone on return. What is under way may end for a while; a second
        cancellation ends it at once: it stays noted as pending."""
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.SIGINT)
        try:
            async with asyncio.timeout(INTERRUPT_SECONDS):
                await asyncio.shield(listening)
        except (TimeoutError, asyncio.CancelledError):
            await self._clear_after(child, request, heard)

    async def _clear_after(
        self, child: asyncio.subprocess.Process, request: Request, heard: _Heard
    ) -> EngineDied:
        """Its lock is ours to take away: we are its parent, so it is certainly gone."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)  # plugins that it had started
        if heard.lock:
            await Storage(request.state).remove(heard.lock)
        code = child.returncode or 0
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return EngineDied(
            f"The engine's process ended by {how} in the middle of its work.",
            safe=Own("What was finished is in the state; what was under way is noted there."),
            do="Run the same command again: it goes on from there.",
            details={"last words": "\n".join(heard.last_words)},
        )


async def _listen(child: asyncio.subprocess.Process, heard: _Heard, on_event: OnEvent) -> None:
    """Returns when the child has ended and everything it said was heard."""
    assert child.stdout is not None
    assert child.stderr is not None
    prints = asyncio.create_task(_hear_prints(child.stderr, heard, on_event))
    async for text in child.stdout:
        match json.loads(text):
            case {"event": said}:
                on_event(OperationEvent(**said))
            case {"lock": path}:
                heard.lock = path
            case {"outcome": said}:
                heard.outcome = read_outcome(said)
            case {"failure": said}:
                heard.failure = read_failure(said)
    await child.wait()
    done, _ = await asyncio.wait([prints], timeout=_DRAIN_SECONDS)  # a grandchild may hold it
    if not done:
        prints.cancel()


async def _hear_prints(stream: asyncio.StreamReader, heard: _Heard, on_event: OnEvent) -> None:
    """What program and plugins print, line by line, as information."""
    async for text in stream:
        said = text.decode(errors="replace").rstrip("\n")
        heard.last_words.append(said)
        heard.prints.append(Diagnostic("info", said))
        on_event(OperationEvent("diagnostic", message=said, severity="info"))
