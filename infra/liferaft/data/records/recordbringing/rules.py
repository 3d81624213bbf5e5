"""What the keys of records mean: which are created once, which are written anew, which are deleted,
and in which order they are brought. Pure; `liferaft.vault.layout` says the same.
"""

import re
from collections.abc import Iterable
from typing import Final

EPOCHS: Final = "epoch"
LEASES: Final = "lease"
SECRETS: Final = "secrets"
DRILLS: Final = "drills"
AWAY: Final = "away"
BROUGHT: Final = "brought"
PUT_BACK: Final = "put-back"
STATES: Final = "state/.pulumi"
KEPT_BY_HOSTS: Final = frozenset({"pgbackrest", "bucket", "volume", "images", "certificates"})
NO_RECORDS: Final = frozenset({"state", AWAY, BROUGHT, PUT_BACK, "tried", "probe"})
_HISTORY: Final = frozenset({LEASES, "lease-renewed", "runs", DRILLS})
_FORGOTTEN: Final = frozenset({"machine-images", "departures", "pins"})
_EVENT: Final = re.compile(r"\d{6,}\.json")
_NUMBER: Final = re.compile(r"\d{8,}")
_POINT: Final = re.compile(r"epoch-\d+/points/.+\.json")
_CHECKPOINT: Final = re.compile(rf"{re.escape(STATES)}/stacks/([^/]+)/([^/]+)\.json")


def is_of_an_epoch(folder: str) -> bool:
    return folder.startswith(f"{EPOCHS}-")


def number_of(chain: str, key: str) -> int | None:
    """The number of a link; None for what is no link of this chain."""
    name = key.removeprefix(f"{chain}/")
    return int(name) if key != name and _NUMBER.fullmatch(name) else None


def highest(chain: str, keys: Iterable[str]) -> int:
    return max((number_of(chain, key) or 0 for key in keys), default=0)


def is_epoch(key: str) -> bool:
    return number_of(EPOCHS, key) is not None


def is_link(key: str) -> bool:
    return any(number_of(chain, key) is not None for chain in (EPOCHS, LEASES, SECRETS))


def is_claim(key: str) -> bool:
    """Whether it is created once and never changed: who created it first is right."""
    folder, _, name = key.partition("/")
    if folder in ("runs", DRILLS):
        return _EVENT.fullmatch(name.rpartition("/")[2]) is not None
    return folder in (EPOCHS, LEASES, SECRETS) or (is_of_an_epoch(folder) and name == "secrets.age")


def is_history(key: str) -> bool:
    """Whether it only tells what was done: nothing is decided by an old one."""
    return key.partition("/")[0] in _HISTORY


def is_forgotten(key: str) -> bool:
    """Whether it is deleted once it is not true any more."""
    return key.partition("/")[0] in _FORGOTTEN or key.startswith(f"{DRILLS}/begun/")


def is_point(key: str) -> bool:
    """Whether it is the manifest of a recovery point."""
    return _POINT.fullmatch(key) is not None


def is_lasting(key: str, epoch: str) -> bool:
    """Whether nothing ever takes it away while this epoch lasts, so that a vault without it lacks
    it, though nobody noted that it was away."""
    folder, _, name = key.rpartition("/")
    return is_link(key) or (folder == f"{EPOCHS}-{epoch}" and bool(name))


def is_state(key: str) -> bool:
    """Whether it is the engine's, and not a lock, a backup or history of it."""
    return _CHECKPOINT.fullmatch(key) is not None or key == f"{STATES}/meta.yaml"


def backup_of(key: str, nanoseconds: int) -> str | None:
    """Where the engine keeps what a state was before; None for what is no stack's state."""
    found = _CHECKPOINT.fullmatch(key)
    if found is None:
        return None
    project, stack = found.groups()
    return f"{STATES}/backups/{project}/{stack}/{stack}.{nanoseconds}.json"


def turn(key: str) -> tuple[int, int]:
    """In which order what lacks is brought. The highest number of a chain goes first: a vault must
    never, not for a moment, have an older epoch as its newest, by which a site whose reign is over
    could believe that it reigns. Manifests of points go last: they are what restores begin with."""
    for place, chain in enumerate((EPOCHS, LEASES, SECRETS)):
        number = number_of(chain, key)
        if number is not None:
            return place, -number
    if is_claim(key):
        return 3, 0
    return (5, 0) if is_point(key) else (4, 0)
