"""Which snapshots of volumes nothing needs, and the steps by which they go.

Those of the last day stay, of the days before the last one of each hour, and before that of each
day, back to the oldest recovery point that stays; and each that a point names. So `failover --at`
comes near any moment for which a database is kept.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from liferaft.data.deleting import DELETE_SECONDS, delete_each, kept_by, still_there
from liferaft.data.in_vaults import part_in
from liferaft.data.rclone import Sealed
from liferaft.data.sealed import seal_of
from liferaft.data.surplus import Needs, Surplus
from liferaft.data.volume.dataset import Volume
from liferaft.data.volume.places import volume_of
from liferaft.data.volume.program import AREA, folder
from liferaft.data.volume.volumekeeping.kept import KeptVolume, moment_of
from liferaft.failures import Refused
from liferaft.plan.step import Step
from liferaft.site.reach import KeysOf, VaultAccess, vault_accesses
from liferaft.site.world import World
from liferaft.vault import Vault, vault_named
from liferaft.vault.layout import EpochKeys

KIND: Final = "volume"
WHOLE: Final = timedelta(days=1)
HOURLY: Final = timedelta(days=14)
_NOTE: Final = re.compile(r"[^/]+/volume/([^/]+)/kept/([0-9TZ.]+)-([0-9a-f]{64})")
_SNAPSHOT: Final = re.compile(r"[^/]+/volume/([^/]+)/repository/snapshots/([0-9a-f]{64})")


def staying(
    kept: Collection[KeptVolume], named: Collection[str], *, now: datetime, oldest: datetime | None
) -> frozenset[str]:
    """Those of the whole snapshots of one volume that stay. named: by points; oldest: the moment of
    the oldest point that stays, of which an earlier one is not needed; None: none is too old.
    Pure."""
    stays = {one.snapshot for one in kept if one.snapshot in named}
    thinned: dict[str, KeptVolume] = {}
    for one in sorted(kept):
        age = now - one.moment
        if oldest is not None and one.moment < oldest:
            continue
        form = "%Y%m%d" if age > HOURLY else "%Y%m%d%H"
        thinned[one.snapshot if age <= WHOLE else f"{one.moment:{form}}"] = one
    if kept:
        stays.add(max(kept).snapshot)
    return frozenset(stays | {one.snapshot for one in thinned.values()})


def surplus_of(vault: Vault, needs: Needs) -> Sequence[Surplus]:
    """What goes of the volumes of an epoch in one vault; nothing while a run is open. Blocks."""
    if not needs.is_settled:
        return ()
    kept: dict[str, list[KeptVolume]] = defaultdict(list)
    sizes: dict[tuple[str, str], int] = {}
    young: set[str] = set()
    now = datetime.now(UTC)
    for one in vault.look(EpochKeys(needs.epoch).data(AREA)):
        if note := _NOTE.fullmatch(one.key):
            there = folder(needs.epoch, note[1])
            kept[note[1]].append(KeptVolume(there, moment_of(note[2]), note[3]))
        elif snapshot := _SNAPSHOT.fullmatch(one.key):
            sizes[snapshot[1], snapshot[2]] = one.size
            if one.at is None or now - one.at < WHOLE:
                young.add(snapshot[2])
    mine = [part_in(part, vault.name) for part in needs.of_epoch if part.kind == KIND]
    named = {str(part.facts["snapshot"]) for part in mine}
    moments = [datetime.fromisoformat(part.facts["moment"]) for part in mine]
    oldest = None if needs.reads_on else min(moments, default=None)
    stays = {name: staying(notes, named, now=now, oldest=oldest) for name, notes in kept.items()}
    # A note without its snapshot is of a deletion that was broken off.
    known = {(name, one.snapshot) for name, notes in kept.items() for one in notes}
    spare = [
        (name, snapshot)
        for name, snapshot in known | sizes.keys()
        if snapshot not in stays.get(name, ()) and snapshot not in young | named
    ]
    if not spare:
        return ()
    size = sum(sizes.get(one, 0) for one in spare)
    names = tuple(sorted(f"{name}:{snapshot}" for name, snapshot in spare))
    return (Surplus(KIND, vault.name, needs.epoch, names, size),)


def of_spare(surplus: Surplus, needs: tuple[str, ...]) -> Iterator[Step]:
    """A step for each volume. restic alone knows what a snapshot's going frees."""
    each: dict[str, list[str]] = defaultdict(list)
    for one in surplus.names:
        name, _, snapshot = one.partition(":")
        each[name].append(snapshot)
    for name, snapshots in each.items():
        yield Step(
            f"volume-{name}-{surplus.vault}-{surplus.epoch}",
            f"Let restic forget {len(snapshots)} snapshots of volume {name}, and delete what they "
            f"alone needed (vault {surplus.vault}, epoch {surplus.epoch})",
            ForgetSnapshots(name, surplus.vault, surplus.epoch, tuple(snapshots)),
            needs=needs,
            deadline=DELETE_SECONDS,
        )


@dataclass(frozen=True)
class ForgetSnapshots:
    """A vault holds none of these snapshots of a volume, nor what they alone needed."""

    name: str
    vault: str
    epoch: int
    snapshots: tuple[str, ...]

    async def holds(self, world: World) -> bool:
        vault = self._vault(world)
        if await asyncio.to_thread(still_there, vault, self._keys()):
            return False
        return not await asyncio.to_thread(self._notes, vault)

    async def apply(self, world: World) -> Mapping[str, Any]:
        """First restic, on that server. The notes by which anybody would find them go once the
        vault has the snapshots no more: a restore passes over one of which it has the note alone.
        """
        volume = volume_of(world.site.config, self.name)
        host = await world.servers.host(volume.server)
        found = next((one for one in vault_accesses(world) if one.name == self.vault), None)
        if found is None:
            raise Refused(
                f"Servers cannot reach vault {self.vault}: its snapshots are not theirs to forget",
                safe="No recovery point names them.",
                do="Name it with an s3:// URL, as it was when it took them.",
            )
        kept = Volume(volume, Sealed(found, await seal_of(world)))
        await kept.let_go(host, self.snapshots, epoch=self.epoch, operator=self._operator(world))
        vault = self._vault(world)
        await self._require_gone(vault)
        await delete_each(vault, await asyncio.to_thread(self._notes, vault))
        return {"vault": self.vault, "snapshots": len(self.snapshots)}

    async def prove(self, world: World) -> None:
        vault = self._vault(world)
        await self._require_gone(vault)
        notes = await asyncio.to_thread(self._notes, vault)
        if notes:
            raise kept_by(vault, notes, "it answered that it did, and lists them")

    async def _require_gone(self, vault: Vault) -> None:
        left = await asyncio.to_thread(still_there, vault, self._keys())
        if left:
            raise kept_by(vault, left, "restic says that it deleted them")

    def _operator(self, world: World) -> VaultAccess | None:
        """The vault by the operator's keys, where servers have a pair of their own."""
        if world.site.credentials.vaults[self.vault].hosts is None:
            return None
        accesses = vault_accesses(world, KeysOf.OPERATOR)
        return next(one for one in accesses if one.name == self.vault)

    def _keys(self) -> tuple[str, ...]:
        there = f"{folder(self.epoch, self.name)}/repository/snapshots"
        return tuple(f"{there}/{one}" for one in self.snapshots)

    def _notes(self, vault: Vault) -> tuple[str, ...]:
        listed = vault.list(f"{folder(self.epoch, self.name)}/kept")
        return tuple(key for key in listed if key.rpartition("-")[2] in self.snapshots)

    def _vault(self, world: World) -> Vault:
        return vault_named(world.site.vault, self.vault)
