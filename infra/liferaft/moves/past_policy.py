"""How many recovery points a vault has that the policy does not keep, by their names alone."""

from liferaft.config import Config
from liferaft.recovery.point import names
from liferaft.recovery.proved import tried_points
from liferaft.recovery.retention import Keep, PointKey, choose
from liferaft.vault import Vault

DUE = 10
"""From so many on a pruning is worth a person's while."""
LOOKED_BACK = 5
"""Reigns before this one: each is two questions to a vault."""


def past_policy(config: Config, vault: Vault, epoch: int) -> int:
    """As a pruning would find them but for a few: no manifest is read here, and so none that is
    damaged is seen, nor what a run needs; of the last reigns alone. Blocks."""
    asked = config.snapshots.keep
    epochs = range(max(1, epoch - LOOKED_BACK), epoch + 1)
    found = [PointKey(one, name) for one in epochs for name in names(vault, one)]
    moments = [point for point in found if point.is_moment]
    verified = [PointKey(one, name) for one in epochs for name in tried_points(vault, one)]
    keep = Keep(asked.hourly, asked.daily, asked.weekly)
    return len(choose(moments, keep, verified=verified).goes)
