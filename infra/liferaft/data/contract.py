"""What every data set answers to.

A data set acts on servers only through `liferaft.remote.contract.Host`: the host pulls from and
pushes to the vault by itself, nothing passes through the operator's machine.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from liferaft.recovery.part import Part
from liferaft.remote.contract import Host


class DataSet(Protocol):
    """One thing that must survive. Every act is idempotent: killed, it is simply run again.

    `marker` names what is restored; the act writes it on the host last, so the same marker found
    there means the act is complete. Failures are `liferaft.failures.Failure`.
    """

    @property
    def kind(self) -> str: ...

    @property
    def name(self) -> str: ...

    async def snapshot(self, host: Host, *, epoch: int, marker: str) -> Part:
        """Everything up to now, in the vault when this returns."""
        ...

    async def restore(self, host: Host, part: Part, *, marker: str) -> Mapping[str, Any]:
        """Brings the part back (databases: as a standby). What a report says of it."""
        ...

    async def is_restored(self, host: Host, *, marker: str) -> bool: ...

    async def verify(self, host: Host, part: Part) -> None:
        """Proves it by another path than the restore's own word; raises when it is not so."""
        ...

    def summary(self, part: Part) -> Mapping[str, Any]:
        """What a report says of a part that was taken: sizes, counts, what was left out."""
        ...
