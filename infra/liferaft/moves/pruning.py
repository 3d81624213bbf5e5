"""The facts from which a pruning is planned: each vault is looked at by itself.

What cannot be read is never taken for what nobody needs: an epoch with a damaged manifest stays as
it is, and a run of which nobody knows what it was for stops the whole command.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from liferaft.config import Config
from liferaft.data import registry
from liferaft.data.surplus import Needs, Surplus, keys_named
from liferaft.failures import Refused
from liferaft.moves.facts import current_epoch, require_site
from liferaft.moves.pruned import EpochGoing, Going, PruneInputs, Staying, VaultPruning
from liferaft.moves.systems import system_of
from liferaft.moves.unfinished import OpenRuns, open_runs
from liferaft.recovery import release
from liferaft.recovery.destroyed import destroyed_at
from liferaft.recovery.part import Part
from liferaft.recovery.parts import parts_of
from liferaft.recovery.point import Points, RecoveryPoint, ended_at, history, is_late
from liferaft.recovery.proved import proved_points
from liferaft.recovery.release import Release
from liferaft.recovery.retention import NAMED, Choice, Keep, PointKey, choose
from liferaft.vault import EveryVault, Vault, VaultFailure, vaults_apart
from liferaft.vault.layout import EpochKeys

DAMAGED = "a manifest of its epoch is damaged"
TIMELESS = "its name is no moment"
LATE = "it was taken after the moment at which a later reign goes on, which has none yet"
INCOMPLETE = (
    "it lacks some of what is noted in the others, and so nobody can tell from it what is needed "
    "there; a deploy, snapshot or failover brings it up"
)


def for_prune(config: Config, vault: Vault, site: str) -> PruneInputs:
    """What goes and what stays in each vault. Blocks.

    Raises Refused where another site reigns, or nothing does: base backups are expired from the
    database's server. Raises Damaged or JournalBroken for a run that may need a point and cannot be
    read.
    """
    require_site(config, site)
    current = current_epoch(vault)
    if current.site != site or destroyed_at(vault, current.epoch):
        raise Refused(
            f"{site} does not reign: backups are expired from the server of the database that does",
            safe="Nothing was done; what the vaults hold stays.",
            do="Prune without naming a site; if nothing reigns, bring the application back first.",
        )
    lacking = vault.roll.lacking if isinstance(vault, EveryVault) else ()
    runs = open_runs(vault)
    started = release.newest(vault, current.epoch)
    found: list[VaultPruning] = []
    left: list[str] = []
    for one in vaults_apart(vault):
        try:
            looked = PointsInVault.read(one, current.epoch, chain=vault)
            if one.name in lacking:
                left.append(f"Vault {one.name} is left as it is: {INCOMPLETE}")
                continue
            found.append(_pruning(config, looked, runs, started))
        except VaultFailure as failure:
            left.append(f"Vault {one.name} is left as it is: {failure.facts.happened}")
    return PruneInputs(
        site=site,
        epoch=current.epoch,
        reigns=True,
        vaults=tuple(found),
        left=tuple(left),
        system=system_of(current),
    )


@dataclass(frozen=True)
class PointsInVault:
    """What one vault says of its recovery points. `ends`: of each reign that is over."""

    vault: Vault
    current: int
    points: Mapping[int, Points]
    verified: frozenset[PointKey] = field(default_factory=frozenset)
    ends: Mapping[int, datetime | None] = field(default_factory=dict)

    @classmethod
    def read(cls, vault: Vault, current: int, *, chain: Vault) -> "PointsInVault":
        """Of every epoch up to the one that reigns. chain: where who reigns is known. Blocks."""
        points = {epoch: history(vault, epoch) for epoch in range(1, current + 1)}
        verified = {
            PointKey(epoch, name) for epoch in points for name in proved_points(vault, epoch)
        }
        ends = {epoch: ended_at(chain, epoch) for epoch in range(1, current) if points[epoch].whole}
        return cls(vault, current, points, frozenset(verified), ends)

    @property
    def whole(self) -> Mapping[PointKey, RecoveryPoint]:
        return {
            PointKey(epoch, point.name): point
            for epoch, of_epoch in self.points.items()
            for point in of_epoch.whole
        }

    @property
    def here(self) -> Collection[PointKey]:
        """Those of which this vault has every part."""
        name = self.vault.name
        return [
            key
            for key, point in self.whole.items()
            if all(name in part.vaults for part in point.parts if part.vaults)
        ]

    @property
    def late(self) -> Collection[PointKey]:
        """Those that are of a history that was left: no failover chooses them."""
        return [
            key for key, point in self.whole.items() if is_late(point, self.ends.get(key.epoch))
        ]

    @property
    def untouched(self) -> Mapping[PointKey, str]:
        """Points that stay since something about them cannot be read, with the reason."""
        damaged = {epoch for epoch, of_epoch in self.points.items() if of_epoch.damaged}
        found = {point: DAMAGED for point in self.whole if point.epoch in damaged}
        return found | {point: TIMELESS for point in self.whole if not point.is_moment}

    @property
    def damaged(self) -> frozenset[int]:
        return frozenset(epoch for epoch, points in self.points.items() if points.damaged)


def _pruning(
    config: Config, shelf: PointsInVault, runs: OpenRuns, started: Release | None
) -> VaultPruning:
    choice = _choice(config, shelf, runs)
    whole = shelf.whole
    oldest = min(
        {point.epoch for point in (*choice.stays, *runs.points)} | shelf.damaged | {shelf.current}
    )
    kept = tuple(part for point in choice.stays for part in whole[point].parts)
    kept += tuple(part for point in runs.points for part in _noted(shelf.vault, point))
    kept += started.images if started else ()
    return VaultPruning(
        vault=shelf.vault.name,
        oldest=oldest,
        stays=tuple(Staying(one.epoch, one.name, why) for one, why in choice.stays.items()),
        goes=tuple(
            Going(one.epoch, one.name, sum(part.size for part in whole[one].parts))
            for one in choice.goes
        ),
        notes=tuple(_notes(shelf, choice, runs, oldest, spared=keys_named(kept))),
        surplus=tuple(_surplus(config, shelf, kept, runs, oldest=oldest)) if choice.stays else (),
        epochs=tuple(_epochs(shelf, kept, oldest)) if choice.stays else (),
    )


def _choice(config: Config, shelf: PointsInVault, runs: OpenRuns) -> Choice:
    """By the policy; points that cannot be judged stay, and count for nothing. What the policy
    keeps of all points stays, and what it keeps of those that are all here: this vault may be the
    last one."""
    asked = config.snapshots.keep
    keep = Keep(asked.hourly, asked.daily, asked.weekly)
    untouched = dict(shelf.untouched)
    late = [point for point in shelf.late if point not in untouched]
    judged = [point for point in shelf.whole if point not in untouched and point not in late]
    newest = max(judged, default=PointKey(0, ""))
    untouched |= {point: LATE for point in late if point.epoch >= newest.epoch}
    here = [point for point in judged if point in shelf.here]
    by_all, by_here = (
        choose(points, keep, verified=shelf.verified, named=runs.points)
        for points in (judged, here)
    )
    why = {**by_here.stays, **by_all.stays, **{one: (why,) for one, why in untouched.items()}}
    why |= {one: (NAMED,) for one in late if one in runs.points}
    goes = (one for one in shelf.whole if one not in why)
    return Choice(dict(sorted(why.items())), tuple(sorted(goes)))


def _noted(vault: Vault, point: PointKey) -> tuple[Part, ...]:
    """What is complete of a point that is being taken."""
    return parts_of(vault, point.epoch, point.name)


def _notes(
    shelf: PointsInVault, choice: Choice, runs: OpenRuns, oldest: int, *, spared: Collection[str]
) -> Iterator[str]:
    """Keys of what liferaft noted of points that go, and of points that were never finished. Those
    of an epoch that goes whole go with it. spared: what points that stay name on, as those do that
    servers take by themselves."""
    for epoch in range(oldest, shelf.current + 1):
        if epoch in shelf.damaged:
            continue
        keys = EpochKeys(epoch)
        stays = {point.name for point in (*choice.stays, *runs.points) if point.epoch == epoch}
        goes = {point.name for point in choice.goes if point.epoch == epoch}
        newest = max((one.name for one in choice.stays if one.epoch == epoch), default="")
        for folder in (keys.all_parts, keys.states, keys.verifications):
            for key in shelf.vault.list(folder):
                name = _point_of(key.removeprefix(f"{folder}/"))
                unfinished = epoch < shelf.current or name < newest
                is_needed = not name or name in stays or key in spared
                if not is_needed and (name in goes or unfinished):
                    yield key


def _point_of(rest: str) -> str:
    """The point to which a key below one of these folders belongs; empty for what is not ours."""
    name = rest[: len("20261122T140507Z")]
    return name if PointKey(1, name).is_moment else ""


def _surplus(
    config: Config, shelf: PointsInVault, kept: tuple[Part, ...], runs: OpenRuns, *, oldest: int
) -> Iterator[Surplus]:
    for kind in registry.kinds_of(config):
        for epoch in range(oldest, shelf.current + 1):
            if epoch not in shelf.damaged:
                needs = Needs(
                    epoch,
                    tuple(part for part in kept if part.kind == kind.name),
                    is_over=epoch < shelf.current,
                    is_settled=epoch < shelf.current or not runs.are_bringing,
                    reads_on=epoch > oldest,
                )
                yield from kind.surplus(shelf.vault, needs)


def _epochs(shelf: PointsInVault, kept: tuple[Part, ...], oldest: int) -> Iterator[EpochGoing]:
    """Whole earlier reigns. What was noted of the reign itself stays: its secrets, which are the
    same in all of them and stand in for damaged ones, and how it ended. So does what a failover
    would start."""
    named = keys_named(kept)
    for epoch in range(1, oldest):
        folder = EpochKeys(epoch).folder
        seen = shelf.vault.look(folder)
        spared = tuple(
            one.key
            for one in seen
            if one.key in named or "/" not in one.key.removeprefix(f"{folder}/")
        )
        going = [one for one in seen if one.key not in spared]
        if going:
            yield EpochGoing(epoch, spared, len(going), sum(one.size for one in going))
