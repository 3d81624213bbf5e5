"""From the Pulumi CLI's event stream to our events and outcome."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pulumi.automation.events import DiagnosticEvent, EngineEvent, StepEventMetadata

from liferaft.provision.engine.contract import OperationEvent, Outcome, Severity
from liferaft.provision.engine.progress import EngineProgress

_SEVERITIES: Final[Mapping[str, Severity]] = {
    "info": "info",
    "info#err": "info",  # what the program wrote to stderr
    "warning": "warning",
    "error": "error",
}
_REFRESH: Final = "refresh"
"""A step of a refresh alone begins under this name, and ends as what became of the row: same,
update, delete."""
_AMBIENT: Final = "using pulumi-resource-"
"""The warning that a plugin is taken from PATH, which is where ours is."""


class Listener:
    """Hears one operation's events, in order; not thread-safe."""

    def __init__(self, tell: Callable[[OperationEvent], None], *, preview: bool) -> None:
        self._progress = EngineProgress(tell, preview=preview)
        self._changes: Mapping[str, int] | None = None
        self._under_way: set[tuple[str, str]] = set()
        self.heard = False
        """Whether the operation had begun."""
        self.ended = False
        """Whether the last event was heard."""

    def hear(self, event: EngineEvent) -> None:
        self.heard = True
        if event.resource_pre_event is not None:
            step = event.resource_pre_event.metadata
            self._progress.start(step.op.value, step.urn)
            if _is_custom(step) or step.op.value == _REFRESH:
                self._under_way.add((step.op.value, step.urn))
            else:
                self._progress.finish(step.op.value, step.urn)
        elif event.res_outputs_event is not None:
            step = event.res_outputs_event.metadata
            begun = self._under_way & {(step.op.value, step.urn), (_REFRESH, step.urn)}
            if begun:
                self._under_way -= begun
                self._progress.finish(step.op.value, step.urn)
        elif event.res_op_failed_event is not None:
            step = event.res_op_failed_event.metadata
            self._progress.fail(step.op.value, step.urn, "")
        elif event.diagnostic_event is not None:
            self._diagnose(event.diagnostic_event)
        elif event.summary_event is not None:
            counts = event.summary_event.resource_changes
            self._changes = {str(getattr(op, "value", op)): n for op, n in counts.items()}
        elif event.cancel_event is not None:
            self.ended = True

    def _diagnose(self, said: DiagnosticEvent) -> None:
        severity = _SEVERITIES.get(said.severity)
        message = said.message.strip()
        if severity is not None and message and not message.startswith(_AMBIENT):
            self._progress.say(severity, message, said.urn or "")

    def outcome(self, outputs: Mapping[str, Any], secret: frozenset[str], *, ok: bool) -> Outcome:
        changes = self._progress.changes if self._changes is None else self._changes
        return Outcome(
            ok=ok,
            outputs=outputs,
            secret_outputs=secret,
            changes=dict(changes),
            steps=tuple(self._progress.steps),
            diagnostics=tuple(self._progress.diagnostics),
        )

    @property
    def has_errors(self) -> bool:
        return any(said.severity == "error" for said in self._progress.diagnostics)

    def note(self, message: str) -> None:
        """Something of our own that an operator should know."""
        self._progress.say("warning", message)


def _is_custom(step: StepEventMetadata) -> bool:
    """Outputs of the Stack and of components come much later, and never from a failed program, so
    nothing waits for them."""
    return any(state is not None and state.custom for state in (step.old, step.new))
