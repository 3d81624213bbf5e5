"""How much of a proof by seed is tried: a share in `make test`, all in `trials ONLY=damage`."""

import os

SEED, AMOUNT = "LIFERAFT_TRIAL_SEED", "LIFERAFT_TRIAL_AMOUNT"
"""Names of the variables that say otherwise."""


def seed() -> int:
    return int(os.environ.get(SEED, "20261122"))


def amount(share: int) -> int:
    return int(os.environ.get(AMOUNT, share))
