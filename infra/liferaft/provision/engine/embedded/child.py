"""The engine's own process: one operation, asked for on stdin, told on stdout.

Interrupts (SIGINT, SIGTERM, SIGHUP, or the end of stdin: our parent is gone) let what is under
way end, write it down, and give the lock back.
"""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from liferaft.failures import Failure
from liferaft.provision.engine.contract import OperationEvent
from liferaft.provision.engine.embedded.protocol import (
    event_line,
    failure_line,
    line,
    outcome_line,
    read_request,
)
from liferaft.provision.engine.state.lock import Lock

T = TypeVar("T")


class Voice:
    """Whole lines to the parent, from any thread; a parent that is gone is no error."""

    def __init__(self) -> None:
        self._file = os.dup(1)
        os.dup2(2, 1)  # what the program prints goes where the parent expects plain text
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a real stream
        self._turn = threading.Lock()

    def say(self, text: bytes) -> None:
        with self._turn, contextlib.suppress(BrokenPipeError):
            while text:
                text = text[os.write(self._file, text) :]

    def event(self, event: OperationEvent) -> None:
        self.say(event_line(event))


class Child:
    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._asked_by = os.getppid()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="engine", daemon=True).start()

    def _on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def work(self, text: bytes) -> None:
        """Do what the request asks; never returns: the process ends when all is told."""
        # Imported late: the first thing a process of ours does is to secure its streams.
        from liferaft.provision.engine.embedded.monitor import EngineService, Monitor
        from liferaft.provision.engine.embedded.program import (
            ProgramFailed,
            check_program,
            run_program,
        )
        from liferaft.provision.engine.embedded.run import EngineRun
        from liferaft.provision.engine.state.storage import Storage

        operation, request = read_request(text)
        try:
            if operation in ("preview", "up"):
                check_program(request.program)
            storage = Storage(request.state)
            lock = Lock(storage, request.project, request.stack, asked_by=self._asked_by)
            self._voice.say(line(lock=lock.path))
            run = EngineRun(operation, request, storage, lock, self._voice.event)
            self._on_loop(run.open())
        except Failure as failure:
            self._end(failure_line(failure))
        self._heed_interrupts(run)

        def refuse(failure: Failure) -> None:
            self._loop.call_soon_threadsafe(run.registrar.refuse, failure)

        try:
            if operation not in ("preview", "up"):
                self._on_loop(run.work_alone())
            else:
                self._on_loop(run.begin())
            if operation in ("preview", "up") and not run.is_stopped:
                monitor = Monitor(run, self._loop)
                engine = EngineService(run, self._loop)
                run_program(request, monitor, engine, refuse, preview=operation == "preview")
        except ProgramFailed as error:
            self._loop.call_soon_threadsafe(run.fail, str(error))
        except Failure as failure:
            refuse(failure)
        self._on_loop(self._conclude(run))

    async def _conclude(self, run: Any) -> None:
        try:
            outcome = await run.close()
        except Failure as failure:
            self._end(failure_line(failure))
        self._end(outcome_line(outcome))

    def _end(self, text: bytes) -> None:
        self._voice.say(text)
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(0)  # threads of the program may hang, and have nothing more to say

    def _heed_interrupts(self, run: Any) -> None:
        async def stop(why: str) -> None:
            run.interrupt(why)
            await self._conclude(run)

        def heed(why: str) -> None:
            asyncio.run_coroutine_threadsafe(stop(why), self._loop)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda got, _: heed(f"interrupted by {signal.Signals(got).name}"))

        def watch() -> None:
            while sys.stdin.buffer.read(1):
                pass
            heed("the process that had asked for this is gone")

        threading.Thread(target=watch, name="lifeline", daemon=True).start()


def main() -> None:
    voice = Voice()
    Child(voice).work(sys.stdin.buffer.readline())


if __name__ == "__main__":
    main()
