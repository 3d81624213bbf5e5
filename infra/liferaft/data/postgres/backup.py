"""Base backups, and what the repository says of them."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from liferaft.data.failures import SnapshotFailed
from liferaft.data.postgres.configuration import Repository
from liferaft.data.postgres.layout import STANZA, push_config
from liferaft.data.postgres.platform import Platform, measure_with_databases
from liferaft.data.postgres.session import execute
from liferaft.data.postgres.wal import Segment
from liferaft.failures import Own
from liferaft.recovery.part import Part
from liferaft.remote.acts import act, act_alone, as_user
from liferaft.remote.contract import Host


async def back_up(
    host: Host,
    name: str,
    repositories: Sequence[Repository],
    *,
    marker: str,
    deadline: float = 6 * 3600.0,
) -> Part:
    """A backup in EVERY repository; when this returns, the WAL it needs is archived as well.

    Idempotent: the marker travels as the backup's annotation, and one that is there is not taken
    again.
    """
    backups: dict[str, Mapping[str, Any]] = {}
    for one in repositories:
        found = _with_marker(await information(host, one), marker)
        if found is None:
            # Right after a promotion pg_control names the old timeline until a checkpoint is done,
            # and pgBackRest refuses (58). `start-fast` would ask for one a moment later anyway.
            await execute(host, "checkpoint", doing="Waiting for a checkpoint", deadline=900)
            await act_alone(
                host,
                "liferaft-postgres-backup.service",
                _pgbackrest(one, "--type=full", f"--annotation=marker={marker}", "backup"),
                doing=f"Backing up database {name} to vault {one.vault.name}",
                deadline=deadline,
                failure=SnapshotFailed,
                safe=Own("The database goes on; the archive holds what it held."),
            )
            found = _with_marker(await information(host, one), marker)
        if found is None:
            raise SnapshotFailed(
                f"The backup of database {name} is not in vault {one.vault.name}.",
                do="Take the snapshot again.",
            )
        backups[one.vault.name] = found
    return part_of(
        name, repositories[0].epoch, backups, platform=await measure_with_databases(host)
    )


async def information(host: Host, repository: Repository) -> Mapping[str, Any]:
    """pgBackRest's own account of the stanza in one repository."""
    answer = await act(
        host,
        as_user("postgres", *_pgbackrest(repository, "--output=json", "info")),
        doing=f"Asking vault {repository.vault.name} for its backups",
        deadline=90,
        failure=SnapshotFailed,
    )
    stanzas: list[dict[str, Any]] = json.loads(answer)
    return stanzas[0] if stanzas else {}


def _pgbackrest(repository: Repository, *arguments: str) -> list[str]:
    config = push_config(repository.vault.name, repository.epoch)
    return ["pgbackrest", f"--config={config}", f"--stanza={STANZA}", *arguments]


def _with_marker(stanza: Mapping[str, Any], marker: str) -> Mapping[str, Any] | None:
    found = [
        backup
        for backup in stanza.get("backup", [])
        if backup.get("annotation", {}).get("marker") == marker and not backup.get("error")
    ]
    return {**found[-1], "system_id": str(stanza["db"][-1]["system-id"])} if found else None


def part_of(
    name: str, epoch: int, backups: Mapping[str, Mapping[str, Any]], *, platform: Platform
) -> Part:
    """The manifest's account of one backup that lies in several vaults. Pure.

    LSNs differ per vault, since each takes a backup of its own: any of them can be restored and
    replayed on.
    """
    newest = max(backups.values(), key=lambda backup: int(backup["timestamp"]["stop"]))
    taken_at = datetime.fromtimestamp(newest["timestamp"]["stop"], tz=UTC)
    return Part(
        kind="postgres",
        name=name,
        epoch=epoch,
        taken_at=taken_at.isoformat(),
        size=int(newest["info"]["size"]),
        facts={
            "labels": {vault: backup["label"] for vault, backup in backups.items()},
            "timeline": Segment.parse(newest["archive"]["stop"]).timeline,
            "start_lsn": newest["lsn"]["start"],
            "stop_lsn": newest["lsn"]["stop"],
            "archive_start": newest["archive"]["start"],
            "archive_stop": newest["archive"]["stop"],
            "system_id": newest["system_id"],
            "platform": platform.to_json(),
        },
    )
