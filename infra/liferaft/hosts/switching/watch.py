"""Whether containers stay up, told from looks at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .containers import Container

STARTS = 4
"""A container that was started so often and ended each time is not waited for any longer."""
STEADY = "steady"
_NOT_STARTED = ("created", "configured", "initialized")


@dataclass
class Watch:
    """Tells from looks at containers whether they stay up."""

    services: Sequence[str]
    stays: float
    again: float
    _since: dict[str, tuple[int, int, float]] = field(default_factory=dict)
    _ended: dict[str, int] = field(default_factory=dict)

    def verdict(self, seen: Mapping[str, Container], now: float) -> tuple[str, str] | None:
        """Outcome and reason; None while it cannot be told. `now`: of any steady clock."""
        missing = [name for name in self.services if name not in seen]
        if missing:  # podman-compose has ended: nobody will make it
            return "missing", ", ".join(missing)
        steady, failed = True, []
        for name in self.services:
            container = seen[name]
            if not container.runs:
                self._ended[name] = container.exit_code
            if container.status in _NOT_STARTED:
                failed.append(f"{name} could not be started")
            elif container.restarts + 1 >= STARTS:
                failed.append(f"{name} {self._crashes(container)}")
            steady = self._is_steady(container, now) and steady
        if failed:
            return "unsteady", "; ".join(failed)
        return (STEADY, "") if steady else None

    def _is_steady(self, container: Container, now: float) -> bool:
        if not container.runs:
            self._since.pop(container.service, None)
            return False
        known = self._since.get(container.service, (0, 0, 0.0))
        if known[:2] != (container.restarts, container.started):
            known = (container.restarts, container.started, now)
            self._since[container.service] = known
        return now - known[2] >= (self.again if container.restarts else self.stays)

    def _crashes(self, container: Container) -> str:
        times = f"was started {container.restarts + 1} times and ended each time"
        code = self._ended.get(container.service)
        return times if code is None else f"{times}, with exit code {code}"
