"""Base backups, and what the repository says of them."""

import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from liferaft.data.failures import SnapshotFailed
from liferaft.data.postgres.configuration import Repository
from liferaft.data.postgres.layout import SPOOL, STANZA, Cluster, push_config
from liferaft.data.postgres.platform import Platform, measure_with_databases
from liferaft.data.postgres.pointtaking import chain
from liferaft.data.postgres.session import execute
from liferaft.data.postgres.vaults import VaultNote, notes
from liferaft.data.postgres.wal import Segment
from liferaft.data.silence import silence
from liferaft.failures import DeadlinePassed, Failure, Own
from liferaft.recovery.part import Part
from liferaft.remote.acts import QUICK, act, act_alone, as_user, last_words, succeeds
from liferaft.remote.complaints import complaint
from liferaft.remote.contract import Host, Unreachable
from liferaft.remote.waiting import wait_until
from liferaft.vault.layout import digits

_log = logging.getLogger(__name__)
WholeBackup = Callable[[str, str], Awaitable[bool]]
"""Whether a vault, by its name, has a backup whole, by its label."""
_SAFE: Final = Own("The database goes on; the archive holds what it held.")
_NOT_ARCHIVED: Final = re.compile(r"WAL segment ([0-9A-F]{24}) was not archived before")
SILENT_SECONDS: Final = 8.0
"""For how long one of several vaults may say nothing."""
KNOCK_SECONDS: Final = 1.0
_NOT_READ: Final = 99
"""pgBackRest's code for a repository that it could not read.
https://github.com/pgbackrest/pgbackrest/blob/release/2.45/src/command/info/info.c
"""


async def is_taken_for_whole(_vault: str, _label: str) -> bool:
    """Where nobody looks."""
    return True


async def back_up(
    host: Host,
    name: str,
    repositories: Sequence[Repository],
    cluster: Cluster,
    *,
    marker: str,
    is_whole: WholeBackup = is_taken_for_whole,
    full_seconds: float = chain.FULL_SECONDS,
    deadline: float = 6 * 3600.0,
) -> Part:
    """A backup in every repository that takes one; when this returns, the WAL that each needs is
    archived there as well.

    One after the other: PostgreSQL's side of pgBackRest allows one at a time. Raises SnapshotFailed
    where none took one; one that did not is warned of, and missing in the part's vaults. A backup
    rests on an earlier one of the same vault (`chain`) only where `is_whole` says that it may.
    Idempotent: the marker travels as the backup's annotation, and one that is there is not taken
    again.
    """
    backups: dict[str, Mapping[str, Any]] = {}
    failures: list[Failure] = []
    out = await _taken_out(host) if len(repositories) > 1 else {}
    for one in repositories:
        if (note := out.get(one.vault.name)) is not None:
            failures.append(SnapshotFailed(f"No backup is taken there: {note.sentence}."))
            _log.warning("%s", failures[-1])
            continue
        try:
            if len(repositories) > 1:
                await _require_answer(host, one)
            backups[one.vault.name] = await _backed_up(
                *(host, name, one, marker, cluster),
                deadline=deadline,
                is_whole=is_whole,
                full_seconds=full_seconds,
            )
        except Unreachable:
            raise  # the server, and no vault
        except (SnapshotFailed, DeadlinePassed) as failure:
            if len(repositories) == 1:
                raise
            failures.append(failure)
            _log.warning("Vault %s has no backup: %s", one.vault.name, failure)
    if not backups:
        raise failures[0]
    return part_of(
        name, repositories[0].epoch, backups, platform=await measure_with_databases(host, cluster)
    )


async def _require_answer(host: Host, one: Repository) -> None:
    """pgBackRest asks a dead vault for its backups for most of a minute, and others wait for it."""
    why: str | None = None

    async def speaks() -> bool:
        nonlocal why
        why = await silence(host, one.vault)
        return why is None

    if not await wait_until(speaks, seconds=SILENT_SECONDS, every=KNOCK_SECONDS):
        raise SnapshotFailed(
            f"Asking vault {one.vault.name} for its backups of the database failed: it does not "
            f"answer server {host.address}: {why}.",
            safe=_SAFE,
            do="Make that vault reachable for the server, then take the snapshot again.",
            details={"said": why or ""},
        )


async def _taken_out(host: Host) -> Mapping[str, VaultNote]:
    """Those that get no WAL: a backup there would wait for it in vain."""
    return {note.vault: note for note in await notes(host) if note.out}


async def _backed_up(
    host: Host,
    name: str,
    one: Repository,
    marker: str,
    cluster: Cluster,
    *,
    deadline: float,
    is_whole: WholeBackup,
    full_seconds: float,
) -> Mapping[str, Any]:
    there = await information(host, one)
    found = _with_marker(there, marker)
    if found is None:
        kind = await _next_type(host, one, there, is_whole, full_seconds)
        # Right after a promotion pg_control names the old timeline until a checkpoint is done,
        # and pgBackRest refuses (58). `start-fast` would ask for one a moment later anyway.
        await execute(host, "checkpoint", doing="Waiting for a checkpoint", deadline=900)
        try:
            await act_alone(
                host,
                "liferaft-postgres-backup.service",
                _pgbackrest(one, f"--type={kind}", f"--annotation=marker={marker}", "backup"),
                doing=f"Backing up database {name} to vault {one.vault.name}",
                deadline=deadline,
                failure=SnapshotFailed,
                safe=_SAFE,
            )
        except SnapshotFailed as failure:
            raise await _explained(host, one, cluster, failure) from failure
        found = _with_marker(await information(host, one), marker)
    if found is None:
        raise SnapshotFailed(
            f"The backup of database {name} is not in vault {one.vault.name}, though it was taken.",
            safe=_SAFE,
            do="Look at that store: it does not keep what it is given.",
        )
    return found


async def _explained(
    host: Host, one: Repository, cluster: Cluster, failure: SnapshotFailed
) -> SnapshotFailed:
    """pgBackRest waits for its WAL in vain, and does not know why the archiver has failed."""
    lacks = _NOT_ARCHIVED.search(failure.facts.details.get("said", ""))
    if lacks is None:
        return failure
    vault, segment = one.vault.name, lacks[1]
    said = await host.run(["cat", f"{SPOOL}/said/{vault}"], deadline=QUICK, check=False)
    known = complaint(said.text)
    details = {**failure.facts.details, **({"archiver": last_words(said)} if said.text else {})}
    if known is not None:
        happened, do = f"{failure} {known.why}", known.do
    elif not said.text and await _counts_as_archived(host, one, cluster, segment):
        happened = f"{failure} The archiver brought WAL {segment} there, and it is not there."
        do = "Look at that store: it does not keep what it is given."
    else:
        happened, do = f"{failure} WAL {segment} does not go there.", failure.facts.do
    return SnapshotFailed(happened, safe=failure.facts.safe, do=do, details=details)


async def _counts_as_archived(host: Host, one: Repository, cluster: Cluster, segment: str) -> bool:
    held = f"{SPOOL}/held/{one.vault.name}/{digits(one.epoch)}/{segment}"
    ready = f"{cluster.data}/pg_wal/archive_status/{segment}.ready"
    return await succeeds(host, ["bash", "-c", f"[ -e {held} ] || [ ! -e {ready} ]"])


async def _next_type(
    host: Host,
    one: Repository,
    stanza: Mapping[str, Any],
    is_whole: WholeBackup,
    full_seconds: float,
) -> str:
    """A full one, too, where what the next would rest on is damaged."""
    backups = [row for row in stanza.get("backup", []) if not row.get("error")]
    now = float(await act(host, ["date", "+%s.%N"], doing="Reading the host's clock"))
    kind = chain.next_type(backups, now, full_seconds)
    if kind == chain.FULL:
        return kind
    label = chain.basis(backups, kind)
    if await is_whole(one.vault.name, label):
        return kind
    _log.warning(
        "Backup %s in vault %s is damaged: the next one there is a full one.", label, one.vault.name
    )
    return chain.FULL


async def information(host: Host, repository: Repository) -> Mapping[str, Any]:
    """pgBackRest's own account of the stanza in one repository. Raises SnapshotFailed where the
    vault did not answer: pgBackRest ends well then, and says so in its account."""
    doing = f"Asking vault {repository.vault.name} for its backups of the database"
    answer = await act(
        host,
        as_user("postgres", *_pgbackrest(repository, "--io-timeout=5", "--output=json", "info")),
        doing=doing,
        deadline=90,
        failure=SnapshotFailed,
        safe=_SAFE,
    )
    stanzas: list[dict[str, Any]] = json.loads(answer)
    stanza = stanzas[0] if stanzas else {}
    for one in stanza.get("repo", []):
        if one["status"]["code"] == _NOT_READ:
            said = str(one["status"]["message"])
            known = complaint(said)
            raise SnapshotFailed(
                f"{doing} failed: {known.why if known else said}",
                safe=_SAFE,
                do=known.do
                if known
                else "Make that vault reachable for the server, then take the snapshot again.",
                details={"said": said},
            )
    return stanza


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
    """The manifest's account of the backups of several vaults. Pure.

    LSNs differ per vault, since each takes a backup of its own: any of them can be restored and
    replayed on. Told is what holds whichever is taken: the positions of the earliest one; `backups`
    has each vault's own where there are several.
    """
    in_time = sorted(backups.values(), key=lambda backup: int(backup["timestamp"]["stop"]))
    earliest, newest = in_time[0], in_time[-1]
    taken_at = datetime.fromtimestamp(newest["timestamp"]["stop"], tz=UTC)
    each = {vault: _positions(backup) for vault, backup in backups.items()}
    return Part(
        kind="postgres",
        name=name,
        epoch=epoch,
        taken_at=taken_at.isoformat(),
        size=int(newest["info"]["size"]),
        facts={
            "labels": {vault: backup["label"] for vault, backup in backups.items()},
            "timeline": Segment.parse(newest["archive"]["stop"]).timeline,
            **_positions(earliest),
            "system_id": newest["system_id"],
            "platform": platform.to_json(),
            **({"backups": each} if len(each) > 1 else {}),
        },
        vaults=tuple(backups),
    )


def _positions(backup: Mapping[str, Any]) -> dict[str, str]:
    return {
        "start_lsn": backup["lsn"]["start"],
        "stop_lsn": backup["lsn"]["stop"],
        "archive_start": backup["archive"]["start"],
        "archive_stop": backup["archive"]["stop"],
    }
