"""What of a bucket would be lost now: what its keepers on the database's server say."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from liferaft.data.bucket.program import MANIFESTS
from liferaft.remote.acts import QUICK
from liferaft.remote.contract import Host

STALE_SECONDS: Final = 60.0
"""A keeper at work writes every five."""
_ASK: Final = """
date +%s
for note in *:"$1".exposure; do
    [ ! -e "$note" ] || echo "$note $(cat "$note")"
done
"""


@dataclass(frozen=True)
class BucketExposure:
    """What one vault lacks of a bucket. Seconds are ages by the server's own clock; None stands for
    never."""

    vault: str
    noted: float
    """Since the keeper wrote this."""
    behind: float | None
    """Whatever was stored before is in the vault (with `references`: what a row names that was
    committed before), but for these objects."""
    objects: int
    """So many are known not to be in the vault."""
    size: int
    """Bytes of those whose size is known."""
    oldest: float | None
    """Since one of them was stored, or its row was read."""
    is_whole: bool
    """Whether the last listing was through: if not there may be more of them."""
    passed: float | None
    """Since a whole pass by listing was through."""
    missing: int | None
    """Objects that rows name and that neither the vault nor the bucket had when that was last
    compared; None where no rows are read, or not yet."""
    failing: str
    """Why the keeper does not get on; nothing where it does."""

    @property
    def is_stale(self) -> bool:
        """The keeper is not at work, and nothing is known of what came since."""
        return self.noted > STALE_SECONDS


def exposure_file(instance: str) -> str:
    """Where the keeper of that vault and bucket writes."""
    return f"{MANIFESTS}/{instance}.exposure"


def missing_file(instance: str) -> str:
    """Where it has the names of what rows name and that vault lacks, a line each."""
    return f"{MANIFESTS}/{instance}.missing"


async def exposures(host: Host, name: str) -> tuple[BucketExposure, ...]:
    """Of the bucket of that name, a row for each vault whose keeper said something, by name."""
    argv = ["bash", "-c", f"cd {MANIFESTS} || exit 0\n{_ASK}", "-", name]
    return exposures_in((await host.run(argv, deadline=QUICK)).text)


def exposures_in(said: str) -> tuple[BucketExposure, ...]:
    """From what the server answered. A note that is none is left out. Pure."""
    clock, *notes = said.splitlines() or ["0"]
    return tuple(_exposures(float(clock), notes))


def _exposures(now: float, notes: list[str]) -> Iterator[BucketExposure]:
    for note in notes:
        file, _, text = note.partition(" ")
        with suppress(ValueError, KeyError, TypeError):
            told = json.loads(text)
            yield _exposure(file.partition(":")[0], told, now)


def _exposure(vault: str, told: Mapping[str, Any], now: float) -> BucketExposure:
    def age(of: str) -> float | None:
        return None if told[of] is None else max(0.0, now - float(told[of]))

    return BucketExposure(
        vault=vault,
        noted=age("at") or 0.0,
        behind=age("kept_until"),
        objects=int(told["objects"]),
        size=int(told["bytes"]),
        oldest=age("oldest"),
        is_whole=bool(told["is_whole"]),
        passed=age("passed"),
        missing=told.get("missing"),
        failing=str(told["failing"]),
    )
