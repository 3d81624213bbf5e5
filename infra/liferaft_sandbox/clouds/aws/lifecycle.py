"""Instance states that follow real machines (moto's run, stop and end at once)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.aws.backend import Backend

RUNNING, STOPPED = "running", "stopped"  # states of machines
# Names and codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html
_CODES = {
    "pending": 0,
    "running": 16,
    "shutting-down": 32,
    "terminated": 48,
    "stopping": 64,
    "stopped": 80,
}
_ON_THE_WAY_TO = {"running": "pending", "stopped": "stopping", "terminated": "shutting-down"}


class Lifecycle:
    """moto's verdict is where an instance is headed; a machine's own state says it is there."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._arrived: dict[str, str] = {}

    def set_out(self) -> None:
        """Put every instance that moto moved at once back on its way. Call after moto."""
        for instance in self._backend.instances():
            goal = instance.state
            if goal in _ON_THE_WAY_TO and self._arrived.get(instance.id) != goal:
                _set(instance, _ON_THE_WAY_TO[goal])

    def is_under_way(self) -> bool:
        return any(i.state in _ON_THE_WAY_TO.values() for i in self._backend.instances())

    def follow(self, machines: Mapping[str, str]) -> None:
        """Let instances arrive where their machines are, by the machines' states."""
        for instance in self._backend.instances():
            machine = machines.get(instance.id)
            if instance.state == "pending" and machine == RUNNING:
                self._arrive(instance, "running")
            elif instance.state == "stopping" and machine == STOPPED:
                self._arrive(instance, "stopped")
            elif instance.state == "shutting-down" and machine is None:
                self._arrive(instance, "terminated")

    def _arrive(self, instance: Any, state: str) -> None:
        _set(instance, state)
        self._arrived[instance.id] = state


def _set(instance: Any, state: str) -> None:
    instance.instance_state.name = state
    instance.instance_state.code = _CODES[state]
