"""PostgreSQL as a data set: the acts of the sibling files, bound to one app's database."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from liferaft.data.failures import NotVerified
from liferaft.data.postgres import (
    application,
    backup,
    extensions,
    platform,
    primary,
    proof,
    replay,
    session,
    standby,
    takeover,
    trial_write,
)
from liferaft.data.postgres import (
    until as moments,
)
from liferaft.data.postgres.configuration import Repository
from liferaft.data.postgres.digests import measure_tables
from liferaft.data.postgres.layout import FIRST_TIMELINE, Database
from liferaft.data.postgres.pointtaking.chain import FULL_SECONDS
from liferaft.data.postgres.pointtaking.finding import key_of_point
from liferaft.data.postgres.proof import DIGESTS
from liferaft.data.postgres.wal import format_lsn, parse_lsn
from liferaft.data.proof import Proof, Trial
from liferaft.plan.telling import TOLD
from liferaft.recovery.part import Part
from liferaft.remote.contract import Host
from liferaft.site.reach import VaultAccess

_REPLAYS_ON_SECONDS: Final = 5.0
"""Within so long a replay that has something to replay gets on."""


@dataclass(frozen=True)
class Postgres:
    """The database on ONE server, which reigns, or shall reign, in `epoch`.

    A deploy: `configure`, then `snapshot`. A failover: `restore`, and after the fence
    `replay_to_end`, `take_over`, then `snapshot`. Every act may be run again.
    """

    name: str
    database: Database
    stores: tuple[VaultAccess, ...]
    cipher_pass: str = field(repr=False)
    epoch: int
    earlier: tuple[int, ...] = ()
    """Reigns whose archives a restore reads: back to the one with the base backup. Only such as
    have an archive: one that was fenced and never began has none."""
    timeline: int = FIRST_TIMELINE
    """The one that the last epoch's record names, to which a restore is held."""
    wal_from: tuple[str, ...] = ()
    """Names of the stores from which a restore is made; empty for all. The others may be dead: each
    is asked once, after the fence, whether it has something after all."""
    is_whole: backup.WholeBackup = field(
        default=backup.is_taken_for_whole, repr=False, compare=False
    )
    """Of earlier backups, on which a new one may rest."""
    full_seconds: float = FULL_SECONDS
    """A backup is a full one where the newest full one is older."""

    until: str | None = None
    """The moment at which a restore stops: what was committed then or later is left out."""

    @property
    def kind(self) -> str:
        return "postgres"

    def _repositories(self, *epochs: int) -> tuple[Repository, ...]:
        return tuple(
            Repository(store, epoch, self.cipher_pass) for epoch in epochs for store in self.stores
        )

    def _sources(self, *, left_out: bool = False) -> tuple[Repository, ...]:
        """The archives of earlier epochs that a restore reads; or those that it does without."""
        named = self.wal_from or tuple(store.name for store in self.stores)
        archives = self._repositories(*self.earlier)
        return tuple(one for one in archives if (one.vault.name in named) != left_out)

    async def configure(self, host: Host) -> bool:
        """A new, empty primary, archiving and beating; whether anything was changed.

        Restarts only on a changed configuration.
        """
        repositories = self._repositories(self.epoch)
        return await primary.configure_primary(host, self.database, repositories)

    async def snapshot(self, host: Host, *, epoch: int, marker: str) -> Part:
        repositories = self._repositories(epoch)
        part = await backup.back_up(
            *(host, self.name, repositories, self.database.cluster),
            marker=marker,
            is_whole=self.is_whole,
            full_seconds=self.full_seconds,
        )
        there = await extensions.versions(host, self.database.packages)
        if there:
            facts = {**part.facts["platform"], extensions.PACKAGES: dict(there)}
            part = replace(part, facts={**part.facts, "platform": facts})
        key = key_of_point(self.cipher_pass, marker)
        measured = await measure_tables(host, self.database.name, key)
        return replace(part, facts={**part.facts, DIGESTS: measured}) if measured else part

    async def prove(self, host: Host, part: Part, trial: Trial) -> Proof:
        """What comes of it when the part is restored beside what lives on this server."""
        repository = Repository(trial.vault, part.epoch, self.cipher_pass)
        return await proof.prove(host, self.database, part, repository, trial)

    async def restore(self, host: Host, part: Part, *, marker: str) -> Mapping[str, Any]:
        """Restore a standby that goes on replaying; PostgreSQL answers reads when this returns.
        Raises OtherPlatform before anything is done where it could not run, or would be read
        wrongly."""
        found = await platform.measure(host, self.database.cluster)
        platform.require_same(part.facts["platform"], found)
        await extensions.require_packages(host, part.facts["platform"])
        seconds = await standby.restore_as_standby(
            host,
            self.database,
            part,
            sources=self._sources(),
            repositories=self._repositories(self.epoch),
            timeline=self.timeline,
            marker=marker,
            until=self.until,
        )
        await application.require_held(host, self.database)
        return {"bytes": part.size} | ({"seconds": dict(seconds)} if seconds else {})

    async def is_restored(self, host: Host, *, marker: str) -> bool:
        """So is one that reigns: promoted by the run that is gone on with."""
        return await self.is_primary(host) or await standby.is_restored(host, marker)

    def summary(self, part: Part) -> Mapping[str, Any]:
        lacking = [store.name for store in self.stores if store.name not in part.vaults]
        told = [
            f"VAULT {vault} HAS NO BACKUP of database {self.name} of this recovery point: "
            f"{', '.join(part.vaults)} took one. See `liferaft status --disk`, then take another "
            "snapshot."
            for vault in lacking
        ]
        return {"bytes": part.size, "vaults": list(part.vaults)} | ({TOLD: told} if told else {})

    async def is_primary(self, host: Host) -> bool:
        """Whether this host archives under `epoch`: its restore is over, and beyond repeating."""
        return await primary.epoch_of(host) == self.epoch

    async def replay_to_end(
        self,
        host: Host,
        *,
        deadline: float,
        lose_from: str | None = None,
        progress: replay.ReplayProgress | None = None,
    ) -> replay.Replayed:
        """Everything any vault holds is in the standby. `lose_from`: the segment, missing or
        damaged, just before which the end is. `progress`: what the wait sees, kept up to date."""
        return await replay.replay_to_end(
            host,
            self.database,
            self._sources(),
            left_out=self._sources(left_out=True),
            timeline=self.timeline,
            deadline=deadline,
            lose_from=lose_from,
            progress=progress,
        )

    async def replay_until(
        self, host: Host, moment: str, *, deadline: float, progress: replay.ReplayProgress
    ) -> Mapping[str, Any]:
        """Everything before that moment is in the standby, and nothing later. Where it stands."""
        return await moments.replay_until(
            host,
            self.database,
            self._sources(),
            until=moment,
            timeline=self.timeline,
            deadline=deadline,
            progress=progress,
        )

    async def prepare_archive(self, host: Host) -> None:
        """What it will write as the primary of `epoch` can be archived."""
        await takeover.prepare_archive(host, self._repositories(self.epoch))

    async def take_over(self, host: Host) -> takeover.Promotion:
        """The standby is the primary of `epoch`; sequences went ahead."""
        return await takeover.take_over(host, self.database, self._repositories(self.epoch))

    async def promote_copy(self, host: Host) -> tuple[str, ...]:
        """The standby takes writes, and is nobody's primary: a copy on trial. Sequences that could
        not go ahead."""
        return await takeover.promote_copy(host, self.database)

    async def is_promoted_copy(self, host: Host) -> bool:
        return await takeover.is_promoted_copy(host, self.database)

    async def write_and_read(self, host: Host) -> None:
        """It takes writes, of the application's role and of liferaft's own, as a copy on trial."""
        await trial_write.write_and_read(host, self.database, self.epoch)

    async def has_written(self, host: Host) -> bool:
        return await trial_write.has_written(host, self.database, self.epoch)

    async def require_written(self, host: Host) -> None:
        await trial_write.require_written(host, self.database, self.epoch)

    async def is_promoted(self, host: Host) -> bool:
        return await takeover.is_promoted(host, self.epoch)

    async def status(self, host: Host) -> session.Status:
        return await session.status(host)

    async def start_heartbeat(self, host: Host) -> bool:
        """A beat is written every second from now on; whether that had to be changed."""
        return await primary.start_heartbeat(host, self.database)

    async def last_heartbeat(self, host: Host, *, before: int | None = None) -> primary.Heartbeat:
        """Until when the database's writes are here; on a standby or a primary. `before`: of an
        earlier epoch than this one."""
        return await primary.last_heartbeat(host, self.database, before=before)

    async def verify(self, host: Host, part: Part) -> None:
        """It is the same cluster, at or beyond the end of the backup: asked of the server."""
        wanted = parse_lsn(part.facts["stop_lsn"])
        now = await session.status(host)
        while now.lsn < wanted:  # it may have begun from an earlier backup, and replays on
            before = now
            await asyncio.sleep(_REPLAYS_ON_SECONDS)
            now = await session.status(host)
            if now.lsn <= before.lsn:
                break
        same = now.system_id == part.facts["system_id"]
        if not same or now.lsn < wanted:
            raise NotVerified(
                f"Database {self.name} is not what backup {dict(part.facts['labels'])} holds.",
                do="Do not promote it; restore it again.",
                details={
                    "system id": f"{now.system_id}, wanted {part.facts['system_id']}",
                    "lsn": f"{format_lsn(now.lsn)}, wanted {part.facts['stop_lsn']} or later",
                },
            )
