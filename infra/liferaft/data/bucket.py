"""A bucket: copied into the vault, incrementally; brought back behind, while the app already runs.

Nothing is ever deleted by these copies: an object that the app deletes stays in the vault, and
comes back with a restore.
"""

import asyncio
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from liferaft.data.contract import Part
from liferaft.data.failures import NotVerified, RestoreFailed, SnapshotFailed
from liferaft.data.hostwork import MARKERS, QUICK, act, is_marked, last_words, mark
from liferaft.data.rclone import (
    Progress,
    Rclone,
    Sealed,
    SiteBucket,
    ca_files,
    last_stats,
    progress_of,
    site_section,
)
from liferaft.remote.contract import Host

_AREA: Final = "bucket"
_NEVER_OVERWRITE: Final = ("--ignore-existing", "--header-upload=If-None-Match: *")
"""An object that the app wrote since is newer than the vault's. The first leaves out what is there
already, the second makes the store refuse what the app writes in between."""
_NEWEST_FIRST: Final = ("--use-server-modtime", "--order-by=modtime,descending")
"""By the time they came into the vault: that is in the listing, their own times are not."""
_POLL: Final = 1.0


@dataclass(frozen=True)
class Bucket:
    """One data set of kind bucket between a site's store and a vault."""

    name: str
    site: SiteBucket
    sealed: Sealed
    later: tuple[int, ...] = ()
    """Reigns after a part's own, in which its bucket was kept on: a restore brings theirs too."""

    @property
    def kind(self) -> str:
        return _AREA

    async def snapshot(self, host: Host, *, epoch: int, marker: str) -> Part:
        """Copies what is new or changed; a second copy finds nothing to do."""
        rclone = await self._configured(host, epoch)
        vault = self.vault_path(epoch)
        await rclone.run(
            *("copy", "--metadata", f"site:{self.site.bucket}", vault),
            doing=f"Copying bucket {self.name} into vault {self.sealed.vault.name}",
            deadline=24 * 3600.0,
            failure=SnapshotFailed,
            safe="The bucket is untouched; run again, only what is missing is copied.",
        )
        size = await rclone.size(vault, doing=f"Measuring bucket {self.name} in the vault")
        return Part(
            kind=self.kind,
            name=self.name,
            epoch=epoch,
            taken_at=datetime.now(UTC).isoformat(),
            size=size.size,
            facts={"count": size.count, "marker": marker},
        )

    async def restore(self, host: Host, part: Part, *, marker: str) -> None:
        """Returns at once; the copy runs behind in a unit of the host. Newest objects first.

        Everything that the vault holds comes back, what was kept after the part was taken as well.

        Idempotent: a running or finished copy of the same marker is left alone, one that died is
        begun again and skips what is there. Never overwrites what the app has written.
        """
        if await self.is_restored(host, part, marker=marker):
            return
        pending = f"{self._marker}.pending"
        if (await self.progress(host)).running:
            if await is_marked(host, pending, marker):
                return
            await act(host, ["systemctl", "stop", self._unit], doing="Stopping an older copy")
        reigns, site = self._newest_first(part), shlex.quote(f"site:{self.site.bucket}")
        rclone = await self._configured(host, *reigns)
        await mark(host, pending, marker)
        copy = rclone.argv(
            *("copy", "--metadata", *_NEVER_OVERWRITE, *_NEWEST_FIRST),
            *("--use-json-log", "--stats=1s", "--stats-log-level=NOTICE"),
            f"--log-file={self._log}",
        )
        # The last reign's object stays: what is there is never overwritten. No braces around
        # variables: systemd would put its own in their place.
        sources = shlex.join(self.vault_path(reign) for reign in reigns)
        done = (
            f'for source in {sources}; do "$@" "$source" {site} || exit; done'
            f" && mv {MARKERS}/{pending} {MARKERS}/{self._marker}"
        )
        await act(host, ["rm", "-f", self._log], doing="Removing an older copy's log")
        await host.run(["systemctl", "reset-failed", self._unit], deadline=QUICK, check=False)
        await act(
            host,
            [
                *("systemd-run", f"--unit={self._unit}", "--property=Restart=on-failure"),
                *("--property=RestartSec=5s", "--property=StartLimitIntervalSec=1h"),
                *("--property=StartLimitBurst=20", "bash", "-c", done, "-", *copy),
            ],
            doing=f"Starting the copy of bucket {self.name}",
            failure=RestoreFailed,
        )

    async def is_restored(self, host: Host, part: Part, *, marker: str) -> bool:
        return await is_marked(host, self._marker, marker)

    async def progress(self, host: Host) -> Progress:
        """Of the copy that runs behind; all zero before it was started."""
        shown = await host.run(
            ["systemctl", "show", "--property=ActiveState,Result", self._unit],
            deadline=QUICK,
            check=False,
        )
        log = await host.run(["tail", "-n", "40", self._log], deadline=QUICK, check=False)
        return progress_of(last_stats(log.text), unit=shown.text)

    async def copied(self, host: Host, part: Part, *, marker: str, deadline: float) -> Progress:
        """Waits for the copy's end. RestoreFailed when it gave up or the deadline has passed."""
        progress = await self.progress(host)
        try:
            async with asyncio.timeout(deadline):
                while not await self.is_restored(host, part, marker=marker):
                    progress = await self.progress(host)
                    if progress.failed:
                        raise await self._gave_up(host, "gave up")
                    await asyncio.sleep(_POLL)
                return await self.progress(host)
        except TimeoutError:
            raise await self._gave_up(host, f"is not done after {deadline:.0f} s") from None

    async def _gave_up(self, host: Host, how: str) -> RestoreFailed:
        log = await host.run(["tail", "-n", "5", self._log], deadline=QUICK, check=False)
        return RestoreFailed(
            f"The copy of bucket {self.name} {how}.",
            safe="What is copied stays; the vault is untouched.",
            do="Run the same command again: it goes on with what is missing.",
            details={"said": last_words(log)},
        )

    async def verify(self, host: Host, part: Part) -> None:
        """Every object of the part, and of what was kept since, is in the site's bucket. One that
        the app has replaced counts as there. By listing both sides, not by what the copy said."""
        reigns = self._newest_first(part)
        rclone = await self._configured(host, *reigns)
        for reign in reigns:
            await self._compared(host, rclone, reign, part.facts["count"] * (reign == part.epoch))

    async def _compared(self, host: Host, rclone: Rclone, reign: int, least: int) -> None:
        """Nothing that the vault holds of one reign is missing, and it holds `least` objects."""
        check = rclone.argv(
            *("check", "--one-way", "--size-only", "--combined=-", "--retries=1"),
            *(self.vault_path(reign), f"site:{self.site.bucket}"),
        )
        # A difference is an exit code of 1, as any other error: only the counts can be believed.
        count = '"$@" | cut -c1 | sort | uniq -c'
        compared = await host.run(["bash", "-c", count, "-", *check], deadline=3600.0, check=False)
        marks = {mark: int(number) for number, mark in map(str.split, compared.text.splitlines())}
        there, missing = marks.get("=", 0) + marks.get("*", 0), marks.get("+", 0)
        if missing or there < least:
            raise NotVerified(
                f"Bucket {self.name} holds {there} of {max(least, there + missing)} objects.",
                do="Run the same command again: the copy goes on with what is missing.",
                details={"missing": str(missing), "said": last_words(compared)},
            )

    def rclone(self, host: Host, use: str = "bucket") -> Rclone:
        """`use` tells configurations apart that several acts need at one time on one host."""
        return Rclone(host, f"{use}-{self.name}", ca_files(self.sealed.vault, self.site))

    def config(self, *epochs: int) -> str:
        return self.sealed.config(_AREA, *epochs) + site_section(self.site)

    def vault_path(self, epoch: int) -> str:
        return self.sealed.path(_AREA, epoch, self.name)

    def _newest_first(self, part: Part) -> list[int]:
        return sorted({part.epoch, *self.later}, reverse=True)

    async def _configured(self, host: Host, *epochs: int) -> Rclone:
        rclone = self.rclone(host)
        await rclone.configured(self.config(*epochs))
        return rclone

    @property
    def _unit(self) -> str:
        return f"liferaft-bucket-{self.name}.service"

    @property
    def _log(self) -> str:
        return f"/var/log/liferaft-bucket-{self.name}.log"

    @property
    def _marker(self) -> str:
        return f"bucket-{self.name}.restored"
