"""A volume: kept by restic, and brought back whole before its service starts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from liferaft.data.deleting import DELETE_SECONDS
from liferaft.data.every_vault import InEveryVault
from liferaft.data.failures import NotVerified, RestoreFailed, SnapshotFailed
from liferaft.data.rclone import Sealed
from liferaft.data.volume.places import VolumeOnServer
from liferaft.data.volume.program import RESTORE, SCRATCH, VolumeAct
from liferaft.plan.telling import TOLD
from liferaft.recovery.part import Part
from liferaft.remote.acts import HostActFailed, act
from liferaft.remote.contract import Host
from liferaft.remote.markers import is_marked, mark, marker_of
from liferaft.site.reach import VaultAccess

SECONDS: Final = 24 * 3600.0
"""How long keeping or restoring one may take."""
_MOST: Final = 500
"""Snapshots that one call of restic is given."""
_COUNT: Final = """
mount=$(podman volume inspect --format '{{.Mountpoint}}' "$1")
find "$mount" -type f -printf '%s\\n' | awk '{ n++; s += $1 } END { printf "%d %d\\n", n, s }'
"""


@dataclass(frozen=True)
class Volume:
    """One volume between a server and a vault. epochs: of a restore, those that have something of
    it, the newest first; others: vaults beside this one, which are asked as well."""

    volume: VolumeOnServer
    sealed: Sealed
    epochs: Sequence[int] = ()
    others: tuple[Sealed, ...] = ()
    as_of: str | None = None

    @property
    def kind(self) -> str:
        return "volume"

    @property
    def name(self) -> str:
        return self.volume.name

    def keeping(self, epoch: int) -> VolumeAct:
        """What the keeper of this volume in this vault works on."""
        return VolumeAct(self.volume, (self.sealed,), (epoch,))

    async def snapshot(self, host: Host, *, epoch: int, marker: str) -> Part:
        """What changed since the last look; nothing, and the last snapshot is the part's."""
        keeping = self.keeping(epoch)
        await keeping.put(host)
        said = await act(
            host,
            keeping.argv("snapshot"),
            doing=f"Keeping volume {self.name} in vault {self.sealed.vault.name}",
            deadline=SECONDS,
            failure=SnapshotFailed,
            safe="The volume is untouched.",
            do="See what restic says, then run the same command again: it goes on from there.",
        )
        came = json.loads(said)
        return Part(
            kind=self.kind,
            name=self.name,
            epoch=epoch,
            taken_at=datetime.fromtimestamp(came["until"], UTC).isoformat(),
            size=came["size"],
            facts={
                "snapshot": came["snapshot"],
                "moment": came["moment"],
                "count": came["files"],
                "volume": self.volume.part,
                "marker": marker,
            },
        )

    async def restore(self, host: Host, part: Part, *, marker: str) -> Mapping[str, Any]:
        """The newest whole snapshot that any vault has, of the part's or a later one: whatever was
        kept since the part was taken comes back as well. Of a part that was `never_taken` what
        there is, which may be nothing."""
        if await self.is_restored(host, marker=marker):
            return self.summary(part)
        came = await self._brought(host, "restore" if part.facts else "seek")
        await mark(host, f"{self._marker}.came", f"{came['files']} {came['size']}" if came else "")
        await mark(host, self._marker, marker)
        return came_back(self.name, came) if came else never_kept(self.name)

    async def is_restored(self, host: Host, *, marker: str) -> bool:
        return await is_marked(host, self._marker, marker)

    async def verify(self, host: Host, part: Part) -> None:
        """Each file was compared with restic's own list before it came into its place: what is
        there now is what was compared."""
        came = await marker_of(host, f"{self._marker}.came")
        if not came:
            return
        argv = ["bash", "-euo", "pipefail", "-c", _COUNT, "-", self.volume.called]
        found = await act(host, argv, doing=f"Counting volume {self.name}", deadline=600.0)
        if found.strip() != came:
            raise NotVerified(
                f"Volume {self.name} has {found.strip()} (files, bytes), and {came} were restored.",
                do="Run the same command again.",
            )

    def summary(self, part: Part) -> Mapping[str, Any]:
        return {"bytes": part.size, "files": part.facts.get("count", 0)}

    async def bring(self, host: Host) -> Mapping[str, Any]:
        """The server has the volume, where any vault has something of it. One that it has is left
        alone."""
        came = await self._brought(host, "bring")
        return came_back(self.name, came) if came else {}

    async def _brought(self, host: Host, doing: str) -> Mapping[str, Any]:
        """What the program says of it. One that an earlier call left running ends before."""
        restoring = VolumeAct(
            self.volume,
            (self.sealed, *self.others),
            self.epochs,
            use=RESTORE,
            as_of=self.as_of,
        )
        await restoring.put(host)
        unit = f"liferaft-volume-restore-{self.name}.service"
        await host.run(["systemctl", "stop", unit], deadline=120.0, check=False)
        said = await act(
            host,
            [
                *("systemd-run", "--wait", "--pipe", "--collect", "--quiet", f"--unit={unit}"),
                *("--", *restoring.argv(doing)),
            ],
            doing=f"Restoring volume {self.name}",
            deadline=SECONDS,
            failure=RestoreFailed,
            safe="The vaults are untouched, and no service has started with it.",
        )
        found: Mapping[str, Any] = json.loads(said)
        return found

    async def let_go(
        self,
        host: Host,
        snapshots: Sequence[str],
        *,
        epoch: int,
        operator: VaultAccess | None = None,
    ) -> None:
        """The vault has none of these, nor what they alone needed. operator: the vault by the keys
        that may delete, which this host has in the program's memory alone."""
        forgetting = VolumeAct(self.volume, (self.sealed,), (epoch,), use=SCRATCH)
        await forgetting.put(host)
        pair = f"{operator.access_key}\n{operator.secret_key}\n" if operator else ""
        for start in range(0, len(snapshots), _MOST):
            await act(
                host,
                forgetting.argv("forget", *snapshots[start : start + _MOST]),
                stdin=pair.encode(),
                doing=f"Forgetting snapshots of volume {self.name} in vault "
                f"{self.sealed.vault.name}",
                deadline=DELETE_SECONDS,
                failure=HostActFailed,
                safe="No recovery point names them any more; snapshots that stay are whole.",
                do="See what restic says: a copy may be under way, or this vault's key may not "
                "delete. Then run the same command again.",
            )

    @property
    def _marker(self) -> str:
        return f"volume-{self.name}.restored"


class VolumeInVaults(InEveryVault[Volume]):
    """In every vault: each is kept by itself, and the newest of all of them is brought back."""

    async def restore(self, host: Host, part: Part, *, marker: str) -> Mapping[str, Any]:
        return await self.together.restore(host, part, marker=marker)

    async def verify(self, host: Host, part: Part) -> None:
        await self.together.verify(host, part)

    @property
    def together(self) -> Volume:
        """One data set over all vaults."""
        first, *others = self.sets
        return replace(first, others=tuple(one.sealed for one in others))


def never_taken(name: str, epoch: int) -> Part:
    """Of a recovery point that knows nothing of this volume: one from before it was data."""
    return Part("volume", name, epoch, taken_at="", size=0)


def never_kept(name: str) -> Mapping[str, Any]:
    """What a report says where no vault has anything of a volume. Pure."""
    said = (
        f"Volume {name} was kept in no vault yet: NOTHING of it is back, and its service begins "
        "without it."
    )
    return {"bytes": 0, "files": 0, TOLD: [said]}


def came_back(name: str, came: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a report says of a restore, and what a person has to know of it. Pure."""
    until = datetime.fromisoformat(came["until"]).astimezone(UTC)
    told = [f"Volume {name} is as of {until:%Y-%m-%d %H:%M:%S} UTC, from vault {came['vault']}."]
    told += [
        f"Volume {name} is restored without vault {vault} ({why}): what that one alone has is not "
        "back."
        for vault, why in came["silent"].items()
    ]
    told += [
        f"A snapshot of volume {name} is damaged, {which}, and was passed over: {why}"
        for which, why in came["damaged"].items()
    ]
    return {
        "bytes": came["size"],
        "files": came["files"],
        "vault": came["vault"],
        "snapshot": came["snapshot"],
        "kept_of": f"volume {name}",
        "kept_until": until.timestamp(),
        TOLD: told,
    }
