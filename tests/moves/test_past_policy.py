"""How many points a pruning would let go, by their names."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from liferaft.config import Config
from liferaft.moves.past_policy import past_policy
from liferaft.recovery.point import names
from liferaft.vault import Vault
from liferaft.vault.layout import EpochKeys

FIRST = datetime(2026, 11, 23, tzinfo=UTC)


def test_what_the_policy_does_not_keep_is_counted_in_all_reigns(
    configured: Callable[..., Config], vault: Vault, has_point: Callable[[int, str], None]
) -> None:
    keep = "[snapshots]\nkeep = {hourly = 2, daily = 3, weekly = 0}\n[operators]"
    config = configured(("[operators]", keep))
    for hour in range(72):
        at = (FIRST + timedelta(hours=hour)).strftime("%Y%m%dT%H%M%SZ")
        has_point(1 if hour < 36 else 2, at)
    vault.put(f"{EpochKeys(2).points}/notes.txt", b"not ours")
    assert names(vault, 1)[0] == "20261124T110000Z"
    assert past_policy(config, vault, 2) == 72 - 4, "two hours, of which one ends a day, two days"


def test_the_last_that_was_tried_stays(
    configured: Callable[..., Config], vault: Vault, has_point: Callable[[int, str], None]
) -> None:
    keep = "[snapshots]\nkeep = {hourly = 1, daily = 0, weekly = 0}\n[operators]"
    config = configured(("[operators]", keep))
    for name in ("20261122T140000Z", "20261122T150000Z", "20261122T160000Z"):
        has_point(1, name)
    assert past_policy(config, vault, 1) == 2
    vault.put(EpochKeys(1).verified("20261122T140000Z"), b"{}")
    assert past_policy(config, vault, 1) == 1
