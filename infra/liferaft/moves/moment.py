"""A moment that an operator names, and the recovery point from which data comes back as of then."""

import re
from datetime import UTC, datetime
from typing import Final

from liferaft.config import Config
from liferaft.data import registry
from liferaft.failures import BadInput, Refused
from liferaft.recovery import point as points
from liferaft.recovery.point import RecoveryPoint
from liferaft.vault import EpochRecord, Vault

_MOMENT: Final = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[ T](?P<time>\d\d:\d\d(:\d\d)?) ?(?P<zone>Z|UTC|[+-]\d\d:?\d\d)?"
)


def moment_of(text: str, now: datetime) -> datetime:
    """In UTC: `2026-11-29 09:14`, with seconds or without. Without an offset it means UTC, whatever
    the zone of whoever types it; `+01:00` at its end says otherwise.

    Raises BadInput for what is no moment, and for one that is not over yet.
    """
    found = _MOMENT.fullmatch(text.strip())
    zone = (found["zone"] or "Z") if found else ""
    try:
        offset = "+00:00" if zone in {"Z", "UTC"} else zone
        told = found and datetime.fromisoformat(f"{found['day']}T{found['time']}{offset}")
    except ValueError:
        told = None
    if told is None:
        raise BadInput(
            f"{text!r} is no moment",
            safe="Nothing was done.",
            do="Write it as 2026-11-29 09:14 or 2026-11-29 09:14:30, in UTC, or with an offset "
            "such as +01:00 at its end.",
        )
    moment = told.astimezone(UTC)
    if moment > now:
        raise BadInput(
            f"{written(moment)} is not over yet: it is {written(now)}",
            safe="Nothing was done.",
            do="Without an offset a moment is in UTC. Name an earlier one.",
        )
    return moment


def written(moment: datetime) -> str:
    """As people read it, and PostgreSQL."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S+00")


def point_before(
    config: Config, vault: Vault, current: EpochRecord, moment: datetime, name: str | None
) -> RecoveryPoint:
    """The newest point of this reign that was whole before the moment, or the one that is named.

    Raises Refused where the vault cannot bring data back as of then. Blocks.
    """
    _require_archived(config, vault, current, moment)
    if name is not None:
        chosen = points.named(vault, current.epoch, name)
        if datetime.fromisoformat(chosen.taken_at) >= moment or chosen.epoch != current.epoch:
            raise Refused(
                f"Recovery point {name} is not of this reign before {written(moment)}: it was "
                f"taken at {chosen.taken_at}",
                safe="Nothing was done.",
                do="Leave `--point` out: the newest one before that moment is chosen then.",
            )
        return chosen
    whole = points.history(vault, current.epoch).whole
    before = [one for one in whole if datetime.fromisoformat(one.taken_at) < moment]
    if before:
        return before[-1]
    oldest = f"the oldest one is of {whole[0].taken_at}" if whole else "there is none"
    raise Refused(
        f"No recovery point of this reign was taken before {written(moment)}: {oldest}",
        safe="Nothing was done.",
        do="Name a later moment. What an earlier reign left can be looked at: `liferaft snapshot "
        "restore NAME --into FOLDER`.",
    )


def _require_archived(config: Config, vault: Vault, current: EpochRecord, moment: datetime) -> None:
    began = datetime.fromisoformat(current.at)
    if moment <= began:
        raise Refused(
            f"{written(moment)} is before this reign, which began at {written(began)}",
            safe="Nothing was done.",
            do="Name a later moment. A recovery point of an earlier reign can be looked at: "
            "`liferaft snapshot restore NAME --into FOLDER`.",
        )
    for kind in registry.kinds_of(config):
        until = kind.archived_until(vault, current.epoch) if kind.archives else moment
        if until is None or until < moment:
            so_far = "nothing yet" if until is None else f"until about {written(until)}"
            raise Refused(
                f"What was written until {written(moment)} is not in the vault: it has {so_far}",
                safe="Nothing was done.",
                do="Name an earlier moment; or leave `--at` out, and everything comes back that "
                "the vault has.",
            )
