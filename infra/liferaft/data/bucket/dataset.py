"""A bucket: copied into the vault, incrementally; brought back behind, while the app already runs.

What the app deletes or replaces is marked in the vault, and is not restored. Its bytes stay there
for as long as the configuration says.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from liferaft.data.bucket.config import KEEP_DELETED
from liferaft.data.bucket.missing import missing_facts
from liferaft.data.bucket.program import BucketTask, SiteBucket
from liferaft.data.bucket.progress import CopyProgress, progress_of
from liferaft.data.bucket.reader import admit_reader
from liferaft.data.bucket.telling import (
    missing,
    not_from_all,
    not_kept,
    not_restored,
    said_of,
    undated,
)
from liferaft.data.failures import NotVerified, RestoreFailed, SnapshotFailed
from liferaft.data.rclone import Sealed
from liferaft.failures import DeadlinePassed
from liferaft.plan.telling import tell_meanwhile
from liferaft.recovery.part import Part
from liferaft.remote.acts import QUICK, HostActFailed, act, last_words
from liferaft.remote.contract import Host, Unreachable
from liferaft.remote.markers import MARKERS, is_marked, mark

RESTORE_SECONDS: Final = 23 * 3600.0
"""How long a copy back may take."""
_SAMPLE_SECONDS: Final = 3600.0
_OF_ONE_RESTORE: Final = ("record", "progress", "named", "missing", "later")
"""Files that a restore writes."""
_POLL: Final = 1.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BucketData:
    """One data set of kind bucket between a site's store and a vault."""

    name: str
    site: SiteBucket
    sealed: Sealed
    later: tuple[int, ...] = ()
    """Reigns after a part's own, in which its bucket was kept on: a restore brings theirs too."""
    keep_deleted: int = KEEP_DELETED
    """Days for which the vault keeps what the application has deleted or replaced."""
    others: tuple[Sealed, ...] = ()
    """Vaults beside this one, from which a restore takes what this one has not, or not whole."""
    whole: int = 1
    """So many of all of them, the first ones, have all of the part that is restored."""
    references: tuple[str, ...] = ()
    """Queries for what rows of the application name."""
    database: str = ""
    """Where those rows are."""
    as_of: float | None = None
    """The moment of which it is brought back (Unix seconds); None: as it was last."""

    @property
    def kind(self) -> str:
        return "bucket"

    async def snapshot(self, host: Host, *, epoch: int, marker: str) -> Part:
        """Copies what is new or changed; a second copy finds nothing to do. What could not be kept
        is told in the part's facts, by name, and stops nothing else."""
        vault = f"vault {self.sealed.vault.name}"
        task = replace(self.task(epoch), state=self._told_in)
        await task.put(host)
        answer = await act(
            host,
            task.argv("snapshot"),
            doing=f"Copying bucket {self.name} into {vault}",
            deadline=24 * 3600.0,
            failure=SnapshotFailed,
            safe="The bucket is untouched; run again, only what is missing is copied.",
        )
        came = json.loads(answer)
        if came["missing"]:
            raise SnapshotFailed(
                f"{came['missing']} objects of bucket {self.name} are not in {vault}, though it"
                " took them.",
                safe="The bucket is untouched.",
                do="See whether somebody deletes in the vault, and run the same command again.",
            )
        return Part(
            kind=self.kind,
            name=self.name,
            epoch=epoch,
            taken_at=datetime.now(UTC).isoformat(),
            size=came["size"],
            facts={"count": came["objects"], "marker": marker, **_told(came)},
        )

    async def restore(self, host: Host, part: Part, *, marker: str) -> Mapping[str, Any]:
        """All of it is in the site's bucket when this returns. What the report says of the copy;
        objects that stay in the vault are told by name."""
        await self.start_restore(host, part, marker=marker)
        done = await self.wait_for_copy(host, part, marker=marker, deadline=RESTORE_SECONDS)
        told = not_restored(self.name, done) + not_from_all(self.name, done)
        told += missing(self.name, done) + undated(self.name, self.as_of, self.keep_deleted)
        facts = {"bytes": done.size, "objects": done.objects, **said_of(told)}
        if self.references and not done.rows_unread:
            facts |= await missing_facts(host, self.name, done)
        return facts

    def summary(self, part: Part) -> Mapping[str, Any]:
        left = not_kept(self.name, part.facts, folder=self._told_in)
        return {"bytes": part.size, "objects": part.facts["count"], **said_of(left)}

    async def start_restore(self, host: Host, part: Part, *, marker: str) -> None:
        """Returns at once; the copy runs behind in a unit of the host. What the newest
        rows name comes first, where `references` say that, and then the newest objects.

        Everything that the vault holds comes back, what was kept after the part was taken as well.

        Idempotent: a running or finished copy of the same marker is left alone, one that died is
        begun again and skips what is there. Never overwrites what the app has written: every object
        is put under a condition that the store itself enforces, and that is tried first.
        """
        if await self.is_restored(host, marker=marker):
            return
        pending = f"{self._marker}.pending"
        if (await self.progress(host)).running:
            if await is_marked(host, pending, marker):
                return
            await act(host, ["systemctl", "stop", self._unit], doing="Stopping an older copy")
        task = self._whole_task(part)
        await task.put(host)
        await self._admit_reader(host)
        if not await is_marked(host, pending, marker):
            older = [f"{MARKERS}/bucket-{self.name}.{of}" for of in _OF_ONE_RESTORE]
            await act(host, ["rm", "-f", *older], doing="Removing what an older copy wrote down")
            await mark(host, pending, marker)
        done = f'"$@" && mv {MARKERS}/{pending} {MARKERS}/{self._marker}'
        await host.run(["systemctl", "reset-failed", self._unit], deadline=QUICK, check=False)
        await act(
            host,
            [
                *("systemd-run", f"--unit={self._unit}", "--property=Restart=on-failure"),
                *("--property=RestartSec=2s", "--property=StartLimitIntervalSec=1h"),
                *("--property=StartLimitBurst=20", "--property=RestartPreventExitStatus=3"),
                *("bash", "-c", done, "-", *task.argv("restore")),
            ],
            doing=f"Starting the copy of bucket {self.name}",
            failure=RestoreFailed,
        )

    async def _admit_reader(self, host: Host) -> None:
        """Where that fails rows are not read, which the copy tells: it stops no failover."""
        try:
            if self.references:
                await admit_reader(host)
        except Unreachable:
            raise  # the server, and no database
        except (HostActFailed, DeadlinePassed) as failure:
            _log.warning("%s", failure)

    async def is_restored(self, host: Host, *, marker: str) -> bool:
        return await is_marked(host, self._marker, marker)

    async def progress(self, host: Host) -> CopyProgress:
        """How far the copy is that runs behind; all is zero before it was started."""
        shown = await host.run(
            ["systemctl", "show", "--property=ActiveState,Result", self._unit],
            deadline=QUICK,
            check=False,
        )
        said = await host.run(["cat", self._progress], deadline=QUICK, check=False)
        return progress_of(said.text, unit=shown.text)

    async def wait_for_copy(
        self, host: Host, part: Part, *, marker: str, deadline: float
    ) -> CopyProgress:
        """Waits for the copy's end, and tells how far it is. RestoreFailed when it gave up or the
        deadline has passed."""
        now = progress_of("", unit="")
        try:
            async with asyncio.timeout(deadline), tell_meanwhile(lambda: now.sentence):
                while not await self.is_restored(host, marker=marker):
                    now = await self.progress(host)
                    if now.failed:
                        raise await self._gave_up(host, "gave up")
                    # The mark is set before the unit ends. One that is gone without was stopped.
                    if now.is_finished and not await self.is_restored(host, marker=marker):
                        raise await self._gave_up(host, "was stopped, by a boot perhaps")
                    await asyncio.sleep(_POLL)
                return await self.progress(host)
        except TimeoutError:
            raise await self._gave_up(host, f"is not done after {deadline:.0f} s") from None

    async def _gave_up(self, host: Host, how: str) -> RestoreFailed:
        log = await host.run(
            ["journalctl", "--no-pager", "--output=cat", "--lines=8", f"--unit={self._unit}"],
            deadline=QUICK,
            check=False,
        )
        return RestoreFailed(
            f"The copy of bucket {self.name} {how}.",
            safe="What is copied stays, nothing was overwritten; the vault is untouched.",
            do="Run the same command again: it goes on with what is missing.",
            details={"said": last_words(log)},
        )

    async def verify(self, host: Host, part: Part) -> None:
        """Every object of the part, and of what was kept since, is in the site's bucket. One that
        the app has replaced or deleted since counts as there, and so does one that was told as not
        restored. Both sides are listed; what the copy said does not count."""
        task = self._whole_task(part)
        await task.put(host)
        argv = task.argv("compare")
        doing = f"Comparing bucket {self.name} with {self._vaults}"
        came = json.loads(
            await act(host, argv, doing=doing, deadline=3600.0, failure=RestoreFailed)
        )
        held, least = came["objects"][task.prefix(part.epoch)], part.facts["count"]
        if came["missing_count"]:
            raise NotVerified(
                f"{came['missing_count']} objects of the vault are not in bucket {self.name}.",
                safe="What is there stays; the vault is untouched.",
                do="Run the same command again: the copy goes on with what is missing.",
                details={"missing": ", ".join(map(repr, came["missing"][:10]))},
            )
        if held < least and not self._may_have_expired(part):
            raise NotVerified(
                f"{self._vaults.capitalize()} holds {held} of the {least} objects of bucket"
                f" {self.name} that the recovery point counted.",
                safe="What it still holds is restored.",
                do="See in the store's own log who has deleted the rest.",
            )

    async def sample(self, host: Host, part: Part) -> Mapping[str, Any]:
        """What came of reading some of what a restore has brought, each object to its end. Where
        rows name objects, these; else what vaults hold."""
        task = self._whole_task(part)
        await task.put(host)
        doing = f"Reading objects of bucket {self.name}, and what {self._vaults} has of them"
        argv = task.argv("sample")
        return dict(json.loads(await act(host, argv, doing=doing, deadline=_SAMPLE_SECONDS)))

    def _may_have_expired(self, part: Part) -> bool:
        """Some of what it counted was deleted so long ago that the vault keeps it no more."""
        age = datetime.now(UTC) - datetime.fromisoformat(part.taken_at)
        return age > timedelta(days=self.keep_deleted)

    def task(self, *epochs: int, use: str = "bucket") -> BucketTask:
        """`use` tells tasks apart that are done at one time on one host."""
        return BucketTask(
            *(self.name, self.site, self.sealed, epochs, use),
            keep_deleted=self.keep_deleted,
            references=self.references,
            database=self.database,
        )

    def _whole_task(self, part: Part) -> BucketTask:
        task = self.task(*sorted({part.epoch, *self.later}, reverse=True), use="restore")
        return replace(task, others=self.others, whole=self.whole, as_of=self.as_of)

    @property
    def _vaults(self) -> str:
        names = [one.vault.name for one in (self.sealed, *self.others)]
        return f"vault {' and '.join(names)}"

    @property
    def _told_in(self) -> str:
        """Where the host has the names of what is told of a snapshot: vaults differ in that."""
        return f"{MARKERS}/vaults/{self.sealed.vault.name}" if self.sealed.apart else MARKERS

    @property
    def _unit(self) -> str:
        return f"liferaft-bucket-{self.name}.service"

    @property
    def _progress(self) -> str:
        return f"{MARKERS}/bucket-{self.name}.progress"

    @property
    def _marker(self) -> str:
        return f"bucket-{self.name}.restored"


def _told(came: Mapping[str, Any]) -> dict[str, Any]:
    """What a snapshot has to tell; nothing when all was kept."""
    told: dict[str, Any] = {}
    if came["left_out_count"]:
        told |= {"left_out": came["left_out"], "left_out_count": came["left_out_count"]}
    if came["lacking_count"]:
        told |= {"lacking": came["lacking"], "lacking_count": came["lacking_count"]}
    if came["lists_unreadable"]:
        told |= {"lists_unreadable": True}
    return told
