"""What is noted in every vault of the certificates that are there: the same in each. Pure.

A recovery point that a server takes by itself names what this says, and so does whoever looks what
a failover would bring.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

FORM = 1
"""Of the line that each object of liferaft's begins with."""
_OWN = ("size", "taken_at", "facts")


def part_of(
    kept: Mapping[str, Mapping[str, Any]], failed: Mapping[str, str], *, epoch: int
) -> dict[str, Any]:
    """The part of a recovery point, as a manifest has it. kept: by vault, in their order, what each
    has, and when it came; failed: why another has it not, or something older."""
    first, *others = kept
    facts = dict(kept[first]["facts"])
    if others:
        facts["elsewhere"] = {one: {of: kept[one][of] for of in _OWN} for one in others}
    if failed:
        facts["not_in"] = dict(failed)
    return {
        "kind": "certificates",
        "name": "certificates",
        "epoch": epoch,
        "taken_at": kept[first]["taken_at"],
        "size": kept[first]["size"],
        "facts": facts,
        "vaults": list(kept),
    }


def noted(key: str, part: Mapping[str, Any], looked_at: datetime) -> bytes:
    """As it lies in a vault. looked_at: when they were compared with what Caddy has."""
    body = json.dumps({"looked_at": looked_at.isoformat(), "part": part}, indent=1).encode()
    return f"liferaft {FORM} sha256:{_digest(key, body)}\n".encode() + body


def moment_of(text: str) -> datetime:
    """As it was written; the beginning of time for what is no moment."""
    with suppress(ValueError):
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment
    return datetime.fromtimestamp(0, tz=UTC)


def _digest(key: str, body: bytes) -> str:
    return hashlib.sha256(f"{FORM} {key}\n".encode() + body).hexdigest()
