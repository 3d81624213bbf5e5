"""What a state says of a stack without being opened: no passphrase, no program, no cloud."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from liferaft.provision.engine.contract import LockHolder, StateLocation
from liferaft.provision.engine.state.checkpoint import read_latest
from liferaft.provision.engine.state.lock import holders
from liferaft.provision.engine.state.storage import Storage, checkpoint_path, history_folder

_log = logging.getLogger(__name__)
_NEWEST: Final = 5
_ENDING: Final = ".history.json"


@dataclass(frozen=True)
class Update:
    """One finished operation, as `pulumi stack history` lists it."""

    kind: str
    """update, refresh, destroy."""
    result: str
    """succeeded, failed."""
    ended: str
    """RFC 3339, UTC."""
    changes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class StateStanding:
    """One stack's state."""

    stack: str
    resources: int
    """Objects at a cloud; the Stack, components and providers are not counted."""
    written: str | None
    """When the state was written last; None for a stack that was never deployed."""
    pending: tuple[str, ...]
    """Operations that a killed run left: `creating URN`."""
    holders: tuple[LockHolder, ...]
    history: tuple[Update, ...]
    """The newest first, some of them; nothing ever prunes the rest."""


async def standing(location: StateLocation, project: str, stack: str) -> StateStanding:
    """Raises `StateUnreachable`, and what `read_latest` raises for a state that we do not know."""
    storage = Storage(location)
    latest = read_latest(await storage.read(checkpoint_path(project, stack)))
    return StateStanding(
        stack=stack,
        resources=at_cloud(latest),
        written=latest.get("manifest", {}).get("time"),
        pending=tuple(
            f"{operation['type']} {operation['resource']['urn']}"
            for operation in latest.get("pending_operations", ())
        ),
        holders=await holders(storage, project, stack),
        history=await _history(storage, project, stack),
    )


def at_cloud(latest: Mapping[str, Any]) -> int:
    """How many rows of a deployment stand for an object at a cloud."""
    rows = latest.get("resources", ())
    return sum(bool(row.get("custom")) and not row["type"].startswith("pulumi:") for row in rows)


async def _history(storage: Storage, project: str, stack: str) -> tuple[Update, ...]:
    paths = await storage.list(history_folder(project, stack))
    newest = sorted((path for path in paths if path.endswith(_ENDING)), reverse=True)[:_NEWEST]
    found = []
    for path in newest:
        text = await storage.read(path)
        try:
            found.append(_update(json.loads(text or b"")))
        except (ValueError, KeyError, TypeError, AttributeError):
            _log.warning("%s at %s is damaged: that operation is not listed.", path, storage.url)
    return tuple(found)


def _update(said: Mapping[str, Any]) -> Update:
    ended = datetime.fromtimestamp(said["endTime"], UTC)
    return Update(
        kind=said["kind"],
        result=said["result"],
        ended=f"{ended:%Y-%m-%dT%H:%M:%SZ}",
        changes=said.get("resourceChanges") or {},
    )
