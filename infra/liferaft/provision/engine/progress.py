"""What happened so far: told as events at once, kept for the outcome."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from liferaft.failures import Facts
from liferaft.provision.engine.contract import Diagnostic, OperationEvent, Severity
from liferaft.provision.engine.urn import is_default_provider

_COUNTED: Final = {"create", "update", "delete", "same", "replace", "import"}
_HALVES: Final = frozenset({"create-replacement", "delete-replaced", "import-replacement"})


class EngineProgress:
    """Default providers are the engine's own affair: they are neither told nor counted.

    A preview folds the halves of a replacement into one, as the CLI's does.
    """

    def __init__(self, tell: Callable[[OperationEvent], None], *, preview: bool = False) -> None:
        self._tell = tell
        self._hidden = _HALVES if preview else frozenset()
        self.changes: Counter[str] = Counter()
        self.steps: list[tuple[str, str]] = []
        self.diagnostics: list[Diagnostic] = []
        self.touched = False
        """Whether anything but looking was begun at a provider."""

    def start(self, op: str, urn: str) -> None:
        if not self._is_hidden(op, urn):
            self._tell(OperationEvent("started", op, urn))

    def finish(self, op: str, urn: str) -> None:
        if self._is_hidden(op, urn):
            return
        self.steps.append((op, urn))
        if op in _COUNTED:
            self.changes[op] += 1
        self._tell(OperationEvent("finished", op, urn))

    def fail(self, op: str, urn: str, message: str) -> None:
        self._tell(OperationEvent("failed", op, urn, message, "error"))

    def say(
        self, severity: Severity, message: str, urn: str = "", facts: Facts | None = None
    ) -> None:
        self.diagnostics.append(Diagnostic(severity, message, urn, facts))
        self._tell(OperationEvent("diagnostic", urn=urn, message=message, severity=severity))

    def _is_hidden(self, op: str, urn: str) -> bool:
        return op in self._hidden or is_default_provider(urn)
