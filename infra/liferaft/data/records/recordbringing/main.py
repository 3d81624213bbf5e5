"""`liferaft-records FILE`: bring a vault that was away the records that it lacks.

It is called every few minutes. As long as every vault answers and none is noted as away, each is
asked for five short things; once an hour their records are compared.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .guard import EpochOver
from .look import RecordsLook
from .reached import RecordsVault

FAILED = 1
COMPARED_SECONDS = 3600.0


@dataclass(frozen=True)
class BringerSettings:
    """What it is told: a file that liferaft wrote, and that root alone can read. state: a file of
    this server's own."""

    epoch: int
    state: Path
    vaults: tuple[RecordsVault, ...]

    @classmethod
    def read(cls, path: Path) -> "BringerSettings":
        told: dict[str, Any] = json.loads(path.read_text())
        vaults = tuple(map(RecordsVault.of, told["vaults"]))
        return cls(int(told["epoch"]), Path(told["state"]), vaults)


def main(argv: Sequence[str], now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> int:
    settings = BringerSettings.read(Path(argv[0]))
    look = RecordsLook(settings.epoch, settings.vaults, now)
    before = _state(settings.state)
    age = now().timestamp() - float(before.get("compared", 0.0))
    compares = bool(before.get("silent")) or not 0 <= age < COMPARED_SECONDS
    try:
        look.look(compares=compares)
    except EpochOver as over:
        sys.stdout.write(f"Nothing is brought: {over}.\n")
        return 0
    compared = now().timestamp() if compares and not look.failed else before.get("compared", 0.0)
    _write(settings.state, {"silent": sorted(look.silent), "compared": compared})
    for said in look.said or ["No vault that answers is known to lack records."] * (
        not look.failed
    ):
        sys.stdout.write(f"{said}\n")
    for failed in (*look.silent.values(), *look.failed):
        sys.stderr.write(f"RECORDS: {failed}\n")
    return FAILED if look.failed else 0


def _state(path: Path) -> Mapping[str, Any]:
    """What this server noted; nothing where that is damaged: all is compared then."""
    with suppress(OSError, ValueError):
        found = json.loads(path.read_text())
        if isinstance(found, dict):
            return found
    return {}


def _write(path: Path, state: Mapping[str, Any]) -> None:
    """A disk that is full keeps nothing from being brought."""
    half = path.with_suffix(".half")
    with suppress(OSError):
        half.write_text(json.dumps(state))
        half.replace(path)
