"""Whether a recovery point comes back: each part is restored in a scratch place, from one vault.

It takes no lease and changes nothing of who reigns: a failover that begins meanwhile goes first,
and ends it on the server that it needs. What came of it is noted last, in one record of the point.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final

from liferaft.data import registry
from liferaft.data.proof import Proof, Trial
from liferaft.data.wholeness import THOROUGH, Look, Operators
from liferaft.failures import BadInput, Failure, Refused, Unproven
from liferaft.journal.process import Process
from liferaft.moves import wholeness
from liferaft.recovery import blueprint as blueprints
from liferaft.recovery import point as points
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint
from liferaft.recovery.verified import Verification, note_verification
from liferaft.remote.acts import HostActFailed
from liferaft.secrets import AppSecrets, SecretsChain, openers, operators_of, read_secrets
from liferaft.site.reach import KeysOf, VaultAccess, vault_accesses
from liferaft.site.world import World
from liferaft.vault import Damaged, KeyMissing, Vault, open_vault
from liferaft.vault.layout import EpochKeys

Tell = Callable[[str], None]
STATE: Final = "state"
"""The part of a point that is no data: a copy of the engine's state."""


class PointNotProven(Unproven):
    """A recovery point does not come back whole from a vault. `came` is what was noted of it."""

    def __init__(
        self, point: str, vault: str, faults: Sequence[Failure], came: Verification
    ) -> None:
        self.came = came
        super().__init__(
            f"Recovery point {point} does not come back whole from vault {vault}:\n"
            + "\n".join(f"- {fault.facts.happened}" for fault in faults),
            safe=" ".join(dict.fromkeys(fault.facts.safe for fault in faults if fault.facts.safe)),
            do=" ".join(dict.fromkeys(fault.facts.do for fault in faults if fault.facts.do)),
            details={"point": point, "vault": vault},
        )


@dataclass(frozen=True)
class Wish:
    """What an operator wants tried. vaults: names, in the order in which they are tried; empty:
    each that has the point. For the rest see `Trial`."""

    point: RecoveryPoint
    vaults: tuple[str, ...] = ()
    whole: bool = False
    takes_over: bool = False
    into: str | None = None


def vaults_of(world: World, wish: Wish) -> tuple[VaultAccess, ...]:
    """Those that are tried, as servers reach them. Raises BadInput for one that is not there."""
    reached = {access.name: access for access in vault_accesses(world, KeysOf.READING)}
    for name in wish.vaults:
        if name not in reached:
            raise BadInput(
                f"There is no vault {name} that servers reach",
                safe="Nothing was done.",
                do=f"Name one of: {', '.join(reached)}.",
            )
    named = {name for part in wish.point.parts for name in part.vaults}
    have = [name for name in reached if name in named] or [next(iter(reached))]
    return tuple(reached[name] for name in wish.vaults or have)


async def verify(world: World, wish: Wish, access: VaultAccess, tell: Tell) -> Verification:
    """Try the point from one vault, and note what came of it. Raises PointNotProven once that is
    noted; what kept the trial from its end is raised as it is, and then nothing is noted."""
    begun = time.monotonic()
    records = _records_in(world, access.name)
    point = wish.point
    trial = Trial(
        access, point.name, wish.whole, wish.takes_over, wish.into, taken_at=point.taken_at
    )
    faults = list(await _look(world, records, wish.point, tell))
    proofs: list[Proof] = []
    for part in wish.point.parts:
        if part.kind != STATE:
            tell(f"trying {part.kind} {part.name} from vault {access.name} …")
            proofs.append(await _tried(world, part, trial, known=bool(faults)))
    faults += [fault for proof in proofs for fault in proof.faults]
    came = Verification(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        by=f"liferaft {version('liferaft')}, {Process.this().who}",
        where=world.site.name,
        seconds=round(time.monotonic() - begun, 1),
        whole=wish.whole,
        parts=tuple(proof.to_json() for proof in proofs),
        faults=tuple(dict.fromkeys(fault.facts.happened for fault in faults)),
    )
    await asyncio.to_thread(
        note_verification, world.site.vault, point.epoch, point.name, access.name, came
    )
    if faults:
        raise PointNotProven(point.name, access.name, faults, came)
    return came


async def _tried(world: World, part: Part, trial: Trial, *, known: bool) -> Proof:
    """A finding of one part keeps no other from being tried. known: damage was found before, which
    is told whatever else comes to no end."""
    have = part.vaults or (world.site.config.first_vault,)
    if trial.vault.name not in have:
        return Proof(part.kind, part.name, faults=(_not_there(part, trial, have),))
    try:
        proof = await registry.kind(part.kind).prove(world, part, trial)
    except HostActFailed as failure:
        if not known:
            raise
        return Proof(part.kind, part.name, unread=(f"Not tried: {failure.facts.happened}",))
    return proof or Proof(part.kind, part.name, unread=("It was looked at, and not restored.",))


def _not_there(part: Part, trial: Trial, have: Sequence[str]) -> Failure:
    return Failure(
        f"{part.kind.capitalize()} {part.name} of recovery point {trial.point} is not in vault "
        f"{trial.vault.name}: it was not brought there when the point was taken.",
        safe=f"It is in {', '.join(have)}.",
        do="Take a new recovery point while every vault answers: `liferaft snapshot`.",
    )


def _records_in(world: World, name: str) -> Vault:
    """The records of one vault by itself: the others have no say in what it holds."""
    site = world.site
    told, keys = site.config.vaults[name], site.credentials.vaults[name]
    return open_vault(name, told, keys, prefix=site.config.app.name)


async def _look(
    world: World, records: Vault, point: RecoveryPoint, tell: Tell
) -> Sequence[Failure]:
    """What the vault's own records and listings say: the manifest, the secrets, each part."""
    tell(f"looking at what vault {records.name} holds of it …")
    faults: list[Failure] = []
    secrets = await asyncio.to_thread(_read_records, world, records, point, faults, tell)
    parts = [part for part in point.parts if part.kind != STATE]
    checks = [_check(records, part, point, secrets) for part in parts]
    look = await asyncio.to_thread(wholeness.side_by_side, checks)
    for sentence in look.anew:
        tell(sentence)
    return (*faults, *look.damages)


def _check(
    records: Vault, part: Part, point: RecoveryPoint, secrets: AppSecrets | None
) -> Callable[[], Look]:
    kind = registry.kind(part.kind)

    def look() -> Look:
        found = kind.look(records, part, point.name, THOROUGH, Operators())
        if secrets is not None:
            found += kind.look_inside(records, part, point.name, secrets)
        return found

    return look


def _read_records(
    world: World, records: Vault, point: RecoveryPoint, faults: list[Failure], tell: Tell
) -> AppSecrets | None:
    """The secrets, opened by the identity at hand; None where this vault does not have them whole.
    Raises what the identity is refused for."""
    keys = EpochKeys(point.epoch)
    copies = [part.facts["key"] for part in point.parts if part.kind == STATE]
    for key in (keys.point(point.name), *copies):
        try:
            records.get(key)
        except (Damaged, KeyMissing) as damage:
            faults.append(damage)
    identity = world.site.credentials.identity_file
    try:
        sealed = records.get(keys.secrets)  # an earlier epoch's would stand in for them
        secrets = read_secrets(records, point.epoch, identity)
    except (Damaged, KeyMissing) as damage:
        faults.append(damage)
        return None
    try:
        blueprints.of_epoch(records, point.epoch, identity, secrets)
    except (Damaged, Refused) as damage:
        faults.append(damage)
    changed = SecretsChain(records).told()
    there = len(changed.operators) if changed else openers(sealed)
    wanted = len(operators_of(records, world.site.credentials.recipients))
    if there != wanted:
        tell(
            f"Secrets in vault {records.name} are sealed for {there} operators, and `recipients` "
            f"names {wanted}: that takes effect with the next deploy."
        )
    return secrets


def point_to_try(vault: Vault, epoch: int, name: str | None) -> RecoveryPoint:
    """The point of that name, or the newest. Blocks. Raises BadInput, NoRecoveryPoint, Damaged."""
    return points.newest(vault, epoch) if name is None else points.named(vault, epoch, name)
