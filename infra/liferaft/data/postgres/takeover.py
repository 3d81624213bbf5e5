"""The standby becomes the primary of a new epoch."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from liferaft.data.failures import PromotionFailed
from liferaft.data.postgres.application import set_password
from liferaft.data.postgres.configuration import Repository
from liferaft.data.postgres.layout import OWN_DATABASE, Cluster, Database
from liferaft.data.postgres.obstacles import fetch_log
from liferaft.data.postgres.primary import claim_archive, is_copy, note_copy, start_heartbeat
from liferaft.data.postgres.session import Status, ask, execute, status
from liferaft.data.postgres.stanzas import create_stanzas
from liferaft.data.postgres.vaults import forget_others, keep_watch
from liferaft.data.postgres.wal import History, format_lsn
from liferaft.failures import Own
from liferaft.remote.acts import act
from liferaft.remote.contract import Host
from liferaft.remote.markers import is_marked, mark
from liferaft.remote.waiting import wait_until

SEQUENCE_JUMP: Final = 100_000
"""Steps by which every sequence goes ahead: more than could be given out and lost in the seconds of
WAL that no vault holds. An id that was given out once must never be given to somebody else."""
_COPIED: Final = "postgres.copied"
_PROMOTED_SECONDS: Final = 60.0
_LAST_WORDS: Final = 600
"""Characters of the log of fetches that are told when a promotion waits for one."""


@dataclass(frozen=True)
class Promotion:
    """What is recorded of a promotion: restores of this epoch pin this timeline."""

    epoch: int
    timeline: int
    fork_lsn: str
    system_id: str
    left_sequences: tuple[str, ...]
    """Too near their end to go ahead: their ids may be given out twice."""


async def is_promoted(host: Host, epoch: int) -> bool:
    """Promoted AND its sequences moved: PostgreSQL itself says so."""
    if (await status(host)).in_recovery:
        return False
    return await _read_record(host, epoch) is not None


async def prepare_archive(host: Host, repositories: Sequence[Repository]) -> None:
    """`repositories`, all of one epoch, know this cluster: once promoted it may archive there.
    Idempotent. Call it after the fence, beside the replay: a vault that does not answer is taken
    out only after some seconds."""
    # One that was taken out of liferaft.toml since the restore would be waited for, for ever.
    await forget_others(host, sorted({repository.vault.name for repository in repositories}))
    await create_stanzas(host, repositories)


async def take_over(
    host: Host, database: Database, repositories: Sequence[Repository]
) -> Promotion:
    """The primary of the epoch of `repositories`: it writes, archives there, beats. Idempotent.

    Call it after `replay_to_end` and after `prepare_archive`: the new epoch's archive is ready
    before the promotion makes the first file to be archived. Sequences move before any app may
    connect.
    """
    (epoch,) = {repository.epoch for repository in repositories}
    await claim_archive(host, epoch)
    before = await status(host)
    if before.in_recovery:
        await _promote(host)
    now = await status(host)
    recorded = await _read_record(host, epoch)
    if recorded is None:
        fork = await _fork(host, database.cluster, now)
        left = await _move_sequences_ahead(host, database)
        await set_password(host, database)
        recorded = Promotion(epoch, now.timeline, fork, now.system_id, left)
        await _record(host, recorded)
    await start_heartbeat(host, database)
    await keep_watch(host, repositories)
    return recorded


async def promote_copy(host: Host, database: Database) -> tuple[str, ...]:
    """The standby takes writes as a copy on trial: it archives nothing and beats not, and never
    will. Idempotent. Sequences that could not go ahead."""
    await note_copy(host)
    await execute(
        host,
        "alter system set archive_command = '/bin/true'; select pg_reload_conf()",
        doing="Switching the copy's archive off",
    )
    if (await status(host)).in_recovery:
        await _promote(host)
    left = await _move_sequences_ahead(host, database)
    await set_password(host, database)
    await mark(host, _COPIED, database.name)
    return left


async def is_promoted_copy(host: Host, database: Database) -> bool:
    """Whether it takes writes as a copy on trial, its sequences moved."""
    return await is_marked(host, _COPIED, database.name) and await is_copy(host)


async def _promote(host: Host) -> None:
    """Told to, and asked in short questions until it has. One long question would see what a record
    of an archive that goes on removes: the replay, and with it the promotion, waits half a minute
    for it then, and cancels it."""
    told = "select case when pg_is_in_recovery() then pg_promote(false) else true end"
    await execute(host, told, doing="Promoting the standby", failure=PromotionFailed)

    async def is_through() -> bool:
        return not (await status(host)).in_recovery

    if not await wait_until(is_through, seconds=_PROMOTED_SECONDS, every=0.1):
        raise PromotionFailed(
            f"The standby was told to become the primary and did not within "
            f"{_PROMOTED_SECONDS:.0f} s.",
            safe=Own("What it has replayed is safe."),
            do="What it still asks the vaults for holds it back, such as a vault that does not "
            "answer or a damaged file: mend that, then run the same command again.",
            details={"fetches": (await fetch_log(host))[-_LAST_WORDS:]},
        )


async def _fork(host: Host, cluster: Cluster, now: Status) -> str:
    """Where the new timeline left the old one; the history file's last line."""
    path = f"{cluster.data}/pg_wal/{now.timeline:08X}.history"
    text = await act(host, ["cat", path], doing="Reading the new timeline's history")
    return format_lsn(History.parse(now.timeline, text).forks[-1].lsn)


_AHEAD: Final = """
select coalesce(json_agg(name) filter (where moved is null), '[]') from (
    select name,
           case when target between min_value and max_value
                then setval(name::regclass, target::bigint, true) end as moved
    from (
        select format('%I.%I', schemaname, sequencename) as name, min_value, max_value,
               coalesce(last_value, start_value) + increment_by::numeric * {jump} as target
        from pg_sequences) as wanted) as done
"""


async def _move_sequences_ahead(host: Host, database: Database) -> tuple[str, ...]:
    """Serial and identity columns alike; returns those that cannot go so far."""
    left: list[str] = await ask(
        host,
        _AHEAD.format(jump=SEQUENCE_JUMP),
        doing="Moving sequences ahead",
        database=database.name,
    )
    return tuple(left)


_RECORD: Final = """
insert into liferaft.reign (epoch, timeline, fork_lsn, left_sequences)
select :'epoch'::bigint, :'timeline'::integer, :'fork'::pg_lsn,
       array(select json_array_elements_text(:'left'))
"""


async def _record(host: Host, promotion: Promotion) -> None:
    await execute(
        host,
        _RECORD,
        doing=f"Recording the reign of epoch {promotion.epoch}",
        database=OWN_DATABASE,
        values={
            "epoch": str(promotion.epoch),
            "timeline": str(promotion.timeline),
            "fork": promotion.fork_lsn,
            "left": json.dumps(promotion.left_sequences),
        },
    )


_RECORDED: Final = """
select json_build_array(timeline, fork_lsn, system_identifier::text, left_sequences)
from liferaft.reign, pg_control_system() where epoch = :'epoch'::bigint
"""


async def _read_record(host: Host, epoch: int) -> Promotion | None:
    row = await ask(
        host,
        _RECORDED,
        doing="Reading the reign's record",
        database=OWN_DATABASE,
        values={"epoch": str(epoch)},
    )
    return None if row is None else Promotion(epoch, row[0], row[1], row[2], tuple(row[3]))
