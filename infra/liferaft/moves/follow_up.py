"""What follows a move by itself: the recovery point that its epoch lacks.

It is a snapshot like any other, a run of its own after the move's: whatever becomes of it, the move
is done, and `liferaft snapshot` goes on with it.
"""

from dataclasses import replace

from liferaft.config import Config
from liferaft.moves import deploy, failover, snapshot
from liferaft.moves.session import Prepared, prepare
from liferaft.plan.plan import Plan
from liferaft.recovery import point as points
from liferaft.vault import Vault

AFTER = frozenset({deploy.MOVE, failover.MOVE})


def lacks_point(plan: Plan, vault: Vault) -> bool:
    """Whether the epoch in which the move leaves the application has no whole recovery point: it
    could be restored only from what an earlier one kept, or not at all. Blocks."""
    if plan.move not in AFTER or not plan.inputs.reigns:
        return False
    newest = points.newest_whole(vault, plan.epoch)
    return newest is None or newest.epoch < plan.epoch


def prepare_snapshot(run: str, config: Config, vault: Vault) -> Prepared:
    """The snapshot that follows a run; one that was begun before is gone on with. Blocks."""
    prepared = prepare(snapshot.MOVE, None, config, vault)
    if prepared.resumes:
        return prepared
    plan = prepared.plan
    return replace(prepared, plan=replace(plan, inputs=replace(plan.inputs, follows=run)))
