"""The Engine contract in memory, for programs that make a site of a description (`provision.site`).

It stands on a modelled cloud, notes each thing in its state before the next is asked for, and so
can be killed between any two. It keeps no lock: no two of its processes live at one time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.models.cloud import CloudModel
from tests.models.line import Line
from tests.models.operation import Run, State

from liferaft.provision.engine.contract import LockHolder, OnEvent, Outcome, Request
from liferaft.provision.engine.faults import EngineDied, StateUnreadable, WrongPassphrase


@dataclass
class EngineModel:
    """One process; its states rest elsewhere."""

    cloud: CloudModel
    states: dict[tuple[str, str], State] = field(default_factory=dict)
    line: Line = field(default_factory=Line)

    def _lost(self, what: str) -> EngineDied:
        return EngineDied(f"The engine's process ended during {what}")

    async def preview(self, request: Request, on_event: OnEvent) -> Outcome:
        with self.line.request("engine: preview", self._lost):
            state = self._state(request).copy()
            return Run(request, state, self.cloud, on_event, previews=True).up()

    async def up(self, request: Request, on_event: OnEvent) -> Outcome:
        with self.line.request("engine: up", self._lost):
            return Run(request, self._state(request), self.cloud, on_event).up()

    async def destroy(self, request: Request, on_event: OnEvent) -> Outcome:
        with self.line.request("engine: destroy", self._lost):
            return Run(request, self._state(request), self.cloud, on_event).destroy()

    async def refresh(
        self, request: Request, on_event: OnEvent, *, preview: bool = False
    ) -> Outcome:
        with self.line.request("engine: refresh", self._lost):
            state = self._state(request)
            state = state.copy() if preview else state
            return Run(request, state, self.cloud, on_event).refresh()

    async def export(self, request: Request) -> dict[str, Any]:
        with self.line.request("engine: export", self._lost):
            state = self.states.get((request.project, request.stack))
            if state is None:
                return {}
            rows = {"resources": list(state.rows), "pending_operations": list(state.pending)}
            return {"version": 3, "deployment": rows}

    async def import_(self, request: Request, deployment: Mapping[str, Any]) -> None:
        with self.line.request("engine: import", self._lost):
            state = self._state(request)
            rows = deployment.get("deployment")
            if deployment.get("version") != 3 or not isinstance(rows, Mapping):
                raise StateUnreadable("That is no deployment of version 3.")
            state.rows = list(rows.get("resources") or ())
            state.pending = list(rows.get("pending_operations") or ())

    async def cancel(self, request: Request) -> tuple[LockHolder, ...]:
        return ()

    def _state(self, request: Request) -> State:
        key = request.project, request.stack
        state = self.states.setdefault(key, State(passphrase=request.passphrase))
        if state.passphrase != request.passphrase:
            raise WrongPassphrase("The passphrase does not open this state.")
        return state
