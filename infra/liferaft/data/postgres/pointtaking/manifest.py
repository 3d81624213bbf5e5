"""The manifest of a recovery point, from the one before and the backups that were taken. Pure.

A point that is taken here holds a new backup of the database, and names the images that the newest
deploy of this reign started, and what servers keep all the time as it is now (`beside`). Its other
parts are those of the newest point; so is the copy of the engine's state, which is the operator's.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

FORM = 1
"""Of the line that each object of liferaft's begins with."""
VERSION = 3
"""Of the manifest: another one is not written here, and not gone on from."""
KIND = "postgres"
_IMAGE = "image"
NAME = re.compile(r"\d{8}T\d{6}Z")
_HEAD = re.compile(rb"liferaft (\d{1,4}) sha256:([0-9a-f]{64})\n")


class NotTaken(Exception):
    """No point was taken, for a reason that a person has to know."""


class TakenPartly(NotTaken):
    """A point was taken, and a vault has it not, or it lacks something."""


def opened(key: str, stored: bytes, *, version: int | None = VERSION) -> dict[str, Any]:
    """A manifest, or another record of that version, as it lies in a vault. Raises NotTaken for
    what is none, or of another form."""
    head = _HEAD.match(stored)
    body = stored[head.end() :] if head else b""
    if head is None or int(head[1]) != FORM or _digest(key, body) != head[2].decode():
        raise NotTaken(f"{key} is damaged, or was written by another version of liferaft")
    manifest: dict[str, Any] = json.loads(body)
    if version is not None and manifest.get("version") != version:
        raise NotTaken(
            f"{key} has form {manifest.get('version')}, and this program writes {version}"
        )
    return manifest


def sealed(key: str, manifest: Mapping[str, Any]) -> bytes:
    """As it lies in a vault."""
    body = json.dumps(manifest, indent=1).encode()
    return f"liferaft {FORM} sha256:{_digest(key, body)}\n".encode() + body


def _digest(key: str, body: bytes) -> str:
    return hashlib.sha256(f"{FORM} {key}\n".encode() + body).hexdigest()


def gone_on(
    before: Mapping[str, Any],
    backups: Mapping[str, Mapping[str, Any]],
    *,
    name: str,
    data: str,
    platform: Mapping[str, str],
    now: datetime,
) -> dict[str, Any]:
    """The manifest of the next point. backups: by vault, as `pgbackrest info` tells them, each with
    the `system_id` of its cluster. Raises NotTaken where the server is not what it was."""
    parts: Sequence[dict[str, Any]] = before["parts"]
    old = next((one for one in parts if (one["kind"], one["name"]) == (KIND, data)), None)
    if old is None:
        raise NotTaken(f"recovery point {before['name']} holds no database {data}")
    kept = old["facts"].get("platform", {})
    if {name: kept.get(name) for name in platform} != dict(platform):
        raise NotTaken("this server is not what the newest recovery point says of it")
    part = {**old, **_taken(backups)}
    part["facts"] = {**_taken(backups)["facts"], "platform": kept}
    others = [one for one in parts if one is not old]
    return {**before, "name": name, "taken_at": now.isoformat(), "parts": [part, *others]}


def started(parts: Sequence[Mapping[str, Any]], release: Mapping[str, Any]) -> list[Any]:
    """The parts of a point with the images that a deploy noted as started, instead of earlier
    ones."""
    others = [one for one in parts if one["kind"] != _IMAGE]
    return [*others, *release["images"]] if release["images"] else list(parts)


def _taken(backups: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What is new of the database's part, as `backup.part_of` says it of a snapshot: positions are
    of the earliest backup, since any of them can be restored, and each vault's own lie beside."""
    in_time = sorted(backups.values(), key=lambda backup: int(backup["timestamp"]["stop"]))
    earliest, newest = in_time[0], in_time[-1]
    each = {vault: _positions(backup) for vault, backup in backups.items()}
    return {
        "taken_at": datetime.fromtimestamp(newest["timestamp"]["stop"], tz=UTC).isoformat(),
        "size": int(newest["info"]["size"]),
        "vaults": list(backups),
        "facts": {
            "labels": {vault: backup["label"] for vault, backup in backups.items()},
            "timeline": int(newest["archive"]["stop"][:8], 16),
            **_positions(earliest),
            "system_id": newest["system_id"],
            **({"backups": each} if len(each) > 1 else {}),
        },
    }


def _positions(backup: Mapping[str, Any]) -> dict[str, str]:
    return {
        "start_lsn": backup["lsn"]["start"],
        "stop_lsn": backup["lsn"]["stop"],
        "archive_start": backup["archive"]["start"],
        "archive_stop": backup["archive"]["stop"],
    }


def name_at(now: datetime) -> str:
    return now.strftime("%Y%m%dT%H%M%SZ")


def age_of(name: str, now: datetime) -> float:
    """Seconds since the point was taken, by its name."""
    return (now - datetime.strptime(name, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)).total_seconds()
