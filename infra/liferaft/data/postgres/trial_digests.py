"""A drill compares rows with what was measured when its recovery point was taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.data import registry
from liferaft.data.parts import RestorePart
from liferaft.data.proof import CannotBeTried, Proof, Trial
from liferaft.failures import Own
from liferaft.plan.telling import TOLD
from liferaft.recovery.part import Part
from liferaft.remote.acts import HostActFailed
from liferaft.site.reach import VaultAccess, vault_accesses
from liferaft.site.world import World


class NoBackupTried(HostActFailed):
    """No vault at hand has a backup of the point to compare with."""


@dataclass(frozen=True)
class CompareRowsOnTrial(RestorePart):
    """The point's backup, replayed to the moment of its digests beside the copy that serves, has
    the rows that were measured at the primary. By the trial of `snapshot verify`."""

    async def holds(self, world: World) -> bool:
        """Never said from here: the trial leaves nothing by which it could be told."""
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        part = await self._part(world)
        try:
            proof = await self._tried(world, part)
        except CannotBeTried as refused:
            said = refused.facts.happened.rstrip(".")
            return {TOLD: [f"NOT COMPARED with the point's digests: {said}."]}
        if proof.faults:
            raise proof.faults[0]
        facts = {"checked": list(proof.checked), "seconds": dict(proof.seconds)}
        return facts | ({TOLD: list(proof.unread)} if proof.unread else {})

    async def prove(self, world: World) -> None:
        """`apply` has compared, and changes nothing."""

    async def _tried(self, world: World, part: Part) -> Proof:
        """From the first vault that gives it back. Raises what says nothing of the rows."""
        failure: HostActFailed | None = None
        for access in _with_backup(world, part):
            try:
                trial = Trial(access, self.point)
                proof = await registry.kind(self.kind).prove(world, part, trial)
            except HostActFailed as silent:
                failure = silent
                continue
            assert proof is not None
            return proof
        raise failure or NoBackupTried(
            f"No vault that answers has the backup of database {self.name} that recovery point "
            f"{self.point} names: its rows were not compared",
            safe=Own("What the drill restored came from another backup, and is whole."),
            do="Take a new recovery point while every vault answers: `liferaft snapshot`.",
        )


def _with_backup(world: World, part: Part) -> tuple[VaultAccess, ...]:
    labels = part.facts["labels"]
    there = [one for one in vault_accesses(world) if one.name not in world.run.away]
    return tuple(one for one in there if one.name in labels)
