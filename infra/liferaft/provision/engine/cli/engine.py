"""The real engine: the Pulumi CLI, driven through Pulumi's Automation API.

It shares states with the embedded engine: one layout, one passphrase, one salt. What belongs to a
state as a whole (export, import, cancel) is done to its files by the same code for both.
"""

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Mapping
from typing import Any, Final

from pulumi.automation import LocalWorkspace, Stack
from pulumi.automation.errors import CommandError, ConcurrentUpdateError

from liferaft.failures import Own
from liferaft.provision.engine.cli.command import Command
from liferaft.provision.engine.cli.events import Listener
from liferaft.provision.engine.cli.executable import Executable
from liferaft.provision.engine.cli.workspace import Workspace, workspace
from liferaft.provision.engine.contract import LockHolder, OnEvent, Outcome, Request, StateLocation
from liferaft.provision.engine.faults import EngineDied
from liferaft.provision.engine.state.checkpoint import VERSION, Checkpoint, read_latest, salt_of
from liferaft.provision.engine.state.lock import Lock, release_of
from liferaft.provision.engine.state.passphrase import Passphrase
from liferaft.provision.engine.state.replacing import cancel, import_state
from liferaft.provision.engine.state.storage import Storage, checkpoint_path
from liferaft.provision.engine.state.values import has_secret, plain
from liferaft.provision.engine.urn import STACK_TYPE

INTERRUPT_SECONDS: Final = 20.0
"""How long steps under way may go on after an interrupt, before the CLI is killed."""
_EVENT_SECONDS: Final = 5.0
_LAST_WORDS: Final = 20
_INHERITED: Final = ("PATH", "HOME", "LANG", "PULUMI_HOME")
Operation = Callable[[Stack, Callable[[Any], None]], object]


class CliEngine:
    """Pulumi programs on the Pulumi CLI. Implements `contract.Engine`.

    Unlike the embedded engine it tells no outputs of a preview, it hands the passphrase on to the
    program's environment, and it creates anew what a killed run was creating.
    """

    def __init__(self, executable: Executable, surroundings: Mapping[str, str]) -> None:
        """The CLI is given only PATH, HOME, LANG and PULUMI_HOME of `surroundings`."""
        self._path = executable.path
        self._version = executable.version or (3, 260, 0)
        self._surroundings = {k: surroundings[k] for k in _INHERITED if k in surroundings}

    async def preview(self, request: Request, on_event: OnEvent) -> Outcome:
        parallel, refresh = request.parallel, request.refresh
        return await self._look(
            request,
            on_event,
            lambda stack, tell: stack.preview(
                parallel=parallel, refresh=refresh, color="never", on_event=tell
            ),
        )

    async def up(self, request: Request, on_event: OnEvent) -> Outcome:
        parallel, refresh = request.parallel, request.refresh
        return await self._change(
            request,
            on_event,
            lambda stack, tell: stack.up(
                parallel=parallel, refresh=refresh, color="never", on_event=tell
            ),
        )

    async def destroy(self, request: Request, on_event: OnEvent) -> Outcome:
        if not await self._checkpoint(request):
            return Outcome(ok=True)
        parallel = request.parallel
        return await self._change(
            request,
            on_event,
            lambda stack, tell: stack.destroy(parallel=parallel, color="never", on_event=tell),
        )

    async def refresh(
        self, request: Request, on_event: OnEvent, *, preview: bool = False
    ) -> Outcome:
        if not await self._checkpoint(request):
            return Outcome(ok=True)
        parallel = request.parallel
        # Never in a preview: the CLI would forget them there, too.
        clear = request.clear_pending_creates
        if preview:
            return await self._look(
                request,
                on_event,
                lambda stack, tell: stack.preview_refresh(
                    parallel=parallel, color="never", on_event=tell
                ),
            )
        return await self._change(
            request,
            on_event,
            lambda stack, tell: stack.refresh(
                parallel=parallel, clear_pending_creates=clear, color="never", on_event=tell
            ),
        )

    async def export(self, request: Request) -> dict[str, Any]:
        latest = await self._checkpoint(request)
        return {"version": VERSION, "deployment": latest} if latest else {}

    async def import_(self, request: Request, deployment: Mapping[str, Any]) -> None:
        await import_state(request, deployment)

    async def cancel(self, request: Request) -> tuple[LockHolder, ...]:
        return await cancel(request)

    # -- one operation ---------------------------------------------------------------------

    async def _look(self, request: Request, on_event: OnEvent, operation: Operation) -> Outcome:
        """Preview. A stack that is not there yet is looked at in a place of its own: the CLI would
        create it."""
        latest = await self._checkpoint(request)
        passphrase = await _unlock(request, latest)
        listener = Listener(on_event, preview=True)
        with tempfile.TemporaryDirectory(prefix="liferaft-preview-") as name:
            state = None if latest else StateLocation(f"file://{name}")
            with self._workspace(request, passphrase, state) as place:
                ok = await self._operate(request, place, listener, operation)
        return listener.outcome({}, frozenset(), ok=ok)

    async def _change(self, request: Request, on_event: OnEvent, operation: Operation) -> Outcome:
        latest = await self._checkpoint(request)
        passphrase = await _unlock(request, latest)
        storage = Storage(request.state)
        await storage.prepare()
        listener = Listener(on_event, preview=False)
        # The CLI takes no lock over, and tells less of who holds one.
        for note in await Lock(storage, request.project, request.stack).clear_the_dead():
            listener.note(note)
        with self._workspace(request, passphrase, None) as place:
            ok = await self._operate(request, place, listener, operation)
        outputs, secret = await _outputs(request, passphrase, await self._checkpoint(request))
        return listener.outcome(outputs, secret, ok=ok)

    def _workspace(
        self, request: Request, passphrase: Passphrase, state: StateLocation | None
    ) -> contextlib.AbstractContextManager[Workspace]:
        return workspace(
            request, passphrase, cli=self._path, surroundings=self._surroundings, state=state
        )

    async def _operate(
        self, request: Request, place: Workspace, listener: Listener, operation: Operation
    ) -> bool:
        """Whether it went well.

        Raises `Locked`, and `EngineDied` when the CLI never came to its work.
        """
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()

        def hear(event: Any) -> None:
            listener.hear(event)
            if listener.ended:
                ended.set()

        def tell(event: Any) -> None:
            loop.call_soon_threadsafe(hear, event)

        def work() -> CommandError | None:
            local = LocalWorkspace(work_dir=str(place.folder), pulumi_command=command)
            try:
                operation(Stack.create_or_select(request.stack, local), tell)
            except CommandError as error:
                return error
            return None

        command = Command(self._path, self._version, place.environment)
        working = asyncio.create_task(asyncio.to_thread(work))
        try:
            failed = await asyncio.shield(working)
        except asyncio.CancelledError:
            await self._interrupt(command, working)
            await self._unlock_after(command, request)
            raise
        await self._unlock_after(command, request)
        if listener.heard:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), _EVENT_SECONDS)
        if isinstance(failed, ConcurrentUpdateError):  # somebody came between our look and it
            await Lock(Storage(request.state), request.project, request.stack).clear_the_dead()
        if failed is not None and not listener.has_errors:
            raise _died(failed)
        return failed is None

    async def _unlock_after(self, command: Command, request: Request) -> None:
        """A killed CLI's lock is ours to take away: we are its parent, so it is certainly gone."""
        if command.killed is not None:
            storage = Storage(request.state)
            await release_of(storage, request.project, request.stack, command.killed)

    async def _interrupt(self, command: Command, working: "asyncio.Task[Any]") -> None:
        """The CLI is gone on return. What is under way may end for a while; a second cancellation
        ends it at once: it stays noted as pending."""
        command.interrupt()
        try:
            async with asyncio.timeout(INTERRUPT_SECONDS):
                await asyncio.shield(working)
        except (TimeoutError, asyncio.CancelledError):
            command.kill()
            await working

    async def _checkpoint(self, request: Request) -> dict[str, Any]:
        path = checkpoint_path(request.project, request.stack)
        return read_latest(await Storage(request.state).read(path))


async def _unlock(request: Request, latest: Mapping[str, Any]) -> Passphrase:
    passphrase = Passphrase(request.passphrase, salt_of(latest))
    await passphrase.unlock()
    return passphrase


async def _outputs(
    request: Request, passphrase: Passphrase, latest: Mapping[str, Any]
) -> tuple[Mapping[str, Any], frozenset[str]]:
    """The Stack's outputs as they rest now, and the names of those that are secret."""
    checkpoint = Checkpoint(f"organization/{request.project}/{request.stack}", passphrase)
    await checkpoint.load(latest)
    found = next((row.outputs for row in checkpoint.rows if row.type == STACK_TYPE), {})
    secret = frozenset(key for key, value in found.items() if has_secret(value))
    return {key: plain(value) for key, value in found.items()}, secret


def _died(error: CommandError) -> EngineDied:
    words = str(error).strip().splitlines()[-_LAST_WORDS:]
    return EngineDied(
        "The Pulumi CLI ended without saying how the operation went.",
        safe=Own("What was finished is in the state; what was under way is noted there."),
        do='Run the same command again, or set app.engine to "embedded": it goes on from there.',
        details={"last words": "\n".join(words)},
    )
