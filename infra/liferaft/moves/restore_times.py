"""How long the data of a failover takes to come back, by what trials of its point have measured."""

import contextlib
from collections.abc import Iterator
from typing import Final

from liferaft.config import Config
from liferaft.failures import BadInput, Refused
from liferaft.moves.inputs import FailoverInputs
from liferaft.moves.measured import time_back
from liferaft.moves.time_back import TimeBack
from liferaft.plan.plan import Plan
from liferaft.recovery import point as points
from liferaft.recovery.verified import verification_of
from liferaft.vault import Damaged, Vault

_BRINGS_BACK: Final = ("restore", "replay")
"""What a failover does as well, among the seconds of a trial."""


def time_back_of(config: Config, vault: Vault, plan: Plan) -> TimeBack | None:
    """How long the failover would take, by all that was measured; None for other moves, and where
    its point cannot be read. Blocks."""
    inputs = plan.inputs
    if not isinstance(inputs, FailoverInputs):
        return None
    with contextlib.suppress(BadInput, Refused, Damaged):
        point = points.named(vault, inputs.point_epoch, inputs.point)
        return time_back(config, vault, inputs.from_epoch, point)
    return None


def restore_times(vault: Vault, plan: Plan) -> tuple[str, ...]:
    """A sentence for each vault that the failover's point was tried from; nothing for other moves.
    Blocks."""
    inputs = plan.inputs
    if not isinstance(inputs, FailoverInputs):
        return ()
    never = (
        f"How long a restore takes was not measured: recovery point {inputs.point} was never "
        "brought back on trial (`liferaft snapshot verify`)."
    )
    return tuple(_measured(vault, inputs)) or (never,)


def _measured(vault: Vault, inputs: FailoverInputs) -> Iterator[str]:
    known = verification_of(vault, inputs.point_epoch, inputs.point)
    for name, one in known.vaults.items():
        for part in one.parts:
            seconds = [float(part["seconds"].get(what, 0)) for what in _BRINGS_BACK]
            if not one.faults and any(seconds):
                what, size = f"{part['kind']} {part['name']}", part["size"] / 1e9
                yield (
                    f"Vault {name} gave {what} ({size:.2f} GB) back in {sum(seconds):.0f} s on "
                    f"{one.where}, at the least share of a server, at {one.at}. What was archived "
                    "since is replayed besides."
                )
