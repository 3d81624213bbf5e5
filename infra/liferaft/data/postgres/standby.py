"""A copy that will reign: restored from the vault as a standby, replaying on until it is told."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Final

from liferaft.data.every_vault import is_of_host
from liferaft.data.failures import AlreadyPrimary, NotAsSealed, RestoreFailed
from liferaft.data.postgres.configuration import Repository, get_file, newest_first
from liferaft.data.postgres.layout import (
    AHEAD,
    AWAY,
    GET,
    GET_END,
    GET_LOG,
    SPOOL,
    STANZA,
    Cluster,
    Database,
    backups_in_vault,
)
from liferaft.data.postgres.listening import require_listening
from liferaft.data.postgres.obstacles import require_start
from liferaft.data.postgres.pointtaking.finding import NOT_WHOLE
from liferaft.data.postgres.primary import epoch_of, note_configured, prepare
from liferaft.data.postgres.session import is_running, start_cluster, stop_cluster
from liferaft.data.postgres.settings import lifted, rows
from liferaft.data.postgres.until import options
from liferaft.failures import DeadlinePassed, Failure, Own
from liferaft.recovery.part import Part
from liferaft.remote.acts import act, act_alone, as_user, succeeds
from liferaft.remote.contract import Host, Unreachable
from liferaft.remote.files import PROGRAMS, put_changed
from liferaft.remote.markers import is_marked, mark, unmark

_log = logging.getLogger(__name__)
RESTORED: Final = "postgres.restored"
_UNIT: Final = "liferaft-postgres-restore.service"
_SLOWEST: Final = 2_000_000
"""Bytes per second under which a restore is given up."""


async def is_restored(host: Host, marker: str) -> bool:
    return await is_marked(host, RESTORED, marker) and await is_running(host)


async def restore_as_standby(
    host: Host,
    database: Database,
    part: Part,
    *,
    sources: Sequence[Repository],
    repositories: Sequence[Repository],
    timeline: int,
    marker: str,
    until: str | None = None,
) -> Mapping[str, float]:
    """The cluster answers, in recovery, replaying from `sources` on the pinned timeline. Seconds of
    what takes longer the more there is, as a trial of the same point measures it; empty where it
    was restored before.

    `sources` are this epoch's and the earlier repositories back to the one with the base; a
    read-only key will do. `repositories` are the next epoch's: their configuration is put in place,
    but nothing is archived before `take_over`. The timeline is pinned since the newest one may be a
    rogue copy's. until: the moment at which its replay stops. Idempotent by marker; a killed
    restore is begun anew.
    """
    if (epoch := await epoch_of(host)) is not None:
        raise AlreadyPrimary(
            f"The host is a primary of epoch {epoch}: it is not restored over.",
            safe=Own("The database on this host is as it was."),
            do="Of a reign that is over: clear the site with `liferaft destroy SITE --servers`. "
            "Else finish the move that made this host the primary.",
        )
    if await is_restored(host, marker):
        return {}
    await unmark(host, RESTORED)
    await prepare(host, database, repositories)
    await put_changed(host, [get_file(sources, database.cluster)])
    await stop_cluster(host, database.cluster)
    begun = time.monotonic()
    await restore_from_any(
        host, database.cluster, part, newest_first(sources), timeline, until=until
    )
    await _lift_settings(host, database)
    fetched = time.monotonic()
    await start_cluster(
        host,
        database.cluster,
        deadline=1800,
        doing="Starting the restored database",
        look=lambda: require_start(host, sources),
    )
    started = time.monotonic()
    await require_listening(host, database)
    await note_configured(host, database)
    await mark(host, RESTORED, marker)
    return {"restore": round(fetched - begun, 3), "start": round(started - fetched, 3)}


async def restore_from_any(
    host: Host,
    cluster: Cluster,
    part: Part,
    sources: Sequence[Repository],
    timeline: int,
    *,
    until: str | None = None,
) -> None:
    """Restore from the first vault that can: each holds a backup of its own. Those that the part
    names come first, then the newest backup of one that it does not, which may have been away when
    the point was taken. One that is too slow is given up for the next; where it is the server that
    is full, no other vault is asked. Raises RestoreFailed, and NotAsSealed for a backup that is
    damaged there.
    """
    labels = part.facts["labels"]
    candidates = [
        (number, one, labels.get(one.vault.name))
        for number, one in enumerate(sources, start=1)
        if one.epoch == part.epoch
        # The newest backup of a vault may be later than the moment.
        and (until is None or one.vault.name in labels)
    ]
    candidates.sort(key=lambda candidate: candidate[2] is None)
    if len(candidates) > 1:
        candidates = [one for one in candidates if await _answers(host, one[0])] or candidates
    failures: list[Failure] = []
    for number, one, label in candidates:
        try:
            await _empty(host, cluster)
            await _restore_from(host, part, (number, one.vault.name, label), options(until))
            await _follow(host, cluster, timeline)
        except RestoreFailed as failure:
            if is_of_host(failure):
                raise
            failures.append(_explained(failure, part, one.vault.name, label or "its newest backup"))
            _log.warning("%s", failures[-1])
        except DeadlinePassed as late:
            if isinstance(late, Unreachable) or len(candidates) == 1:
                raise
            failures.append(late)
            _log.warning("Vault %s is too slow: %s", one.vault.name, late)
        else:
            return
    if failures:
        raise next((one for one in failures if isinstance(one, NotAsSealed)), failures[-1])
    raise RestoreFailed(
        f"No vault at hand holds the backup of database {part.name} of epoch {part.epoch}.",
        do="Choose another recovery point, or make its vault reachable.",
        details={"labels": str(dict(labels))},
    )


async def _answers(host: Host, number: int) -> bool:
    """A restore from a vault that is silent would try for minutes, and users wait."""
    asked = ["timeout", "20", "pgbackrest", f"--config={GET}", f"--repo={number}"]
    argv = as_user("postgres", *asked, "--io-timeout=2", "repo-ls", f"backup/{STANZA}")
    return await succeeds(host, argv)


def _explained(failure: RestoreFailed, part: Part, vault: str, label: str) -> RestoreFailed:
    """A backup that is not whole does not become so by asking again."""
    if failure.facts.details.get("exit") not in NOT_WHOLE:
        return failure
    folder = f"{backups_in_vault(part.epoch)}/{label}"
    return NotAsSealed(
        f"The backup of database {part.name} is damaged in vault {vault}, below {folder}: "
        f"{failure.facts.details.get('said', '')}",
        safe="The vault is untouched; nothing is promoted.",
        do="Running the command again does not help before: put back earlier versions of the "
        "objects that are named. Or go on from an older recovery point, which `liferaft snapshot "
        "list` names: add `--point NAME`. It replays all that was archived since.",
        details={**failure.facts.details, "key": folder},
    )


async def _empty(host: Host, cluster: Cluster) -> None:
    """Nothing is left of a restore that was broken off, nor of what it fetched."""
    await host.run(["systemctl", "stop", _UNIT], deadline=120.0, check=False)
    left = f"{GET_LOG} {GET_END} {AHEAD} {AWAY} {SPOOL}/held/*"
    empty = f"find {cluster.data} -mindepth 1 -delete && rm -rf {left}"
    doing = "Emptying the folder that the database is restored to"
    await act(host, ["bash", "-c", empty], doing=doing, deadline=300, failure=RestoreFailed)


async def _restore_from(
    host: Host, part: Part, source: tuple[int, str, str | None], how: Sequence[str]
) -> None:
    """source: a repository's number, its vault's name, and the label of a backup there; None for
    the newest one that it has."""
    number, vault, label = source
    backup = f"backup {label}" if label else "the newest backup"
    doing = f"Restoring database {part.name} from {backup} in vault {vault}"
    await act_alone(
        host,
        _UNIT,
        [
            "pgbackrest",
            f"--config={GET}",
            f"--stanza={STANZA}",
            f"--repo={number}",
            *([f"--set={label}"] if label else []),
            "--type=standby",
            "--target-timeline=current",
            *how,
            f'--recovery-option=restore_command={PROGRAMS}/pgbackrest-get "%f" "%p"',
            "restore",
        ],
        doing=doing,
        deadline=300 + part.size / _SLOWEST,
        failure=RestoreFailed,
        safe="The vault is untouched.",
    )


async def _lift_settings(host: Host, database: Database) -> None:
    """A copy whose primary had more connections than are asked for now would not start."""
    cluster = database.cluster
    argv = [f"{cluster.programs}/pg_controldata", "-D", cluster.data]
    control = await act(host, argv, doing="Reading what the copy was set to", failure=RestoreFailed)
    more = lifted(database.settings, control)
    if more:
        await _add_settings(host, cluster, rows(more))


async def _add_settings(host: Host, cluster: Cluster, lines: str) -> None:
    """The last setting counts."""
    path = f"{cluster.data}/postgresql.auto.conf"
    settings = await host.get(path) + lines.encode()
    await host.put(path, settings, mode=0o600, owner="postgres:postgres")


async def _follow(host: Host, cluster: Cluster, timeline: int) -> None:
    """Were pgBackRest told of the timeline, it would look for its history
    (from 2.55 on) in the one repository that has the backup: an earlier reign's has none."""
    await _add_settings(host, cluster, f"recovery_target_timeline = '{timeline}'\n")
