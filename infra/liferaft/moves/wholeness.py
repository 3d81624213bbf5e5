"""Whether what a failover will need of the vault is there, whole: read, and touched nothing.

Requests go side by side. Small objects are read to their end; of large ones a failover looks at the
size alone, since users wait and servers check each digest before they use anything.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from liferaft.data import registry
from liferaft.data.wholeness import Look, Operators, ReadingDepth, look_in_each
from liferaft.journal import require_readable
from liferaft.moves.damages import Damages
from liferaft.moves.inputs import FailoverInputs
from liferaft.recovery import point as points
from liferaft.recovery.part import Part
from liferaft.recovery.point import NoRecoveryPoint, RecoveryPoint
from liferaft.secrets import AppSecrets, require_whole
from liferaft.vault import PUT_BACK, Damaged, KeyMissing, Vault, each_vault, layout

_LANES: Final = 8


@dataclass(frozen=True)
class FailoverNeeds:
    """What a failover begins from: the epoch whose secrets it uses, the recovery point (None where
    none can be read), the parts that it brings back. seen: damage that was met when this was read.
    """

    epoch: int
    point: RecoveryPoint | None
    parts: tuple[Part, ...] = ()
    seen: Look = field(default_factory=Look)


def wanted_of(vault: Vault, epoch: int) -> FailoverNeeds:
    """What a failover from this epoch would begin from. Blocks."""
    damages = Damages()
    with suppress(NoRecoveryPoint):
        damages.beside(lambda: points.newest(vault, epoch), None)
    point = points.newest_whole(vault, epoch)
    look, parts = Look(), list[Part]()
    for kind in registry.kinds():
        parts += damages.beside(partial(kind.parts, vault, epoch, point), ())
        look += kind.look_at_notes(vault, epoch)
    return FailoverNeeds(epoch, point, tuple(parts), Look(tuple(damages.found)) + look)


def wanted_by(vault: Vault, inputs: FailoverInputs) -> FailoverNeeds:
    """What a failover needs that was planned, perhaps long ago. Blocks."""
    damages = Damages()
    point = damages.beside(lambda: points.named(vault, inputs.point_epoch, inputs.point), None)
    parts = (
        part
        for kind in registry.kinds()
        for part in kind.parts(vault, inputs.from_epoch, point, inputs.facts.get(kind.name))
    )
    return FailoverNeeds(inputs.from_epoch, point, tuple(parts), Look(tuple(damages.found)))


Check = Callable[[], Look]


def side_by_side(checks: Iterable[Check]) -> Look:
    """What all of them found, in their order. Raises what the first that failed raises."""
    with ThreadPoolExecutor(_LANES) as pool:
        return sum(pool.map(lambda check: check(), checks), Look())


def look_at_vault(
    vault: Vault, wanted: FailoverNeeds, reading: ReadingDepth, operators: Operators | None = None
) -> Look:
    """All that can be told without any key but the vault's own. Blocks."""
    mine = operators or Operators()
    checks: list[Check] = [
        partial(_secrets, vault, wanted.epoch),
        partial(_lease, vault, mine),
        partial(_machine_images, vault),
    ]
    checks += [
        partial(_look_at, vault, part, _name(wanted), reading, mine) for part in wanted.parts
    ]
    return wanted.seen + side_by_side(checks)


def look_inside(vault: Vault, wanted: FailoverNeeds, secrets: AppSecrets) -> Look:
    """As `look_at_vault`, of what is only read with the app's secrets. Blocks."""
    return side_by_side(
        partial(_look_inside, vault, part, _name(wanted), secrets) for part in wanted.parts
    )


def _look_at(vault: Vault, part: Part, point: str, reading: ReadingDepth, mine: Operators) -> Look:
    kind = registry.kind(part.kind)
    if kind.across_vaults:
        return kind.look(vault, part, point, reading, mine)
    return look_in_each(
        each_vault(vault), part, lambda one, own: kind.look(one, own, point, reading, mine)
    )


def _look_inside(vault: Vault, part: Part, point: str, secrets: AppSecrets) -> Look:
    kind = registry.kind(part.kind)
    if kind.across_vaults:
        return kind.look_inside(vault, part, point, secrets)
    return look_in_each(
        each_vault(vault), part, lambda one, own: kind.look_inside(one, own, point, secrets)
    )


def _name(wanted: FailoverNeeds) -> str:
    return wanted.point.name if wanted.point else ""


def pins(vault: Vault, site: str, *, has_servers: bool) -> Look:
    """Host keys of a site's servers. Of servers that are not there they say nothing. Blocks."""
    look = Look()
    for key in vault.list(layout.pins(site)):
        damage = _read(vault, key)
        if damage is not None and has_servers:
            server = layout.named(key)
            way = (
                f"{PUT_BACK} Or delete server {server} of {site} at its cloud, then this object: "
                "the new server gets a new key."
            )
            look += Look((damage.mended_by(way),))
        elif damage is not None:
            look += Look(anew=(f"{damage}. That server is not there any more: a new key is kept.",))
    return look


def _read(vault: Vault, key: str) -> Damaged | None:
    try:
        vault.get(key)
    except Damaged as damage:
        return damage
    except KeyMissing:
        pass
    return None


def _secrets(vault: Vault, epoch: int) -> Look:
    try:
        spared = require_whole(vault, epoch)
    except Damaged as damage:
        return Look((damage,))
    told = f"{spared}. Those of an earlier epoch are the same and are used." if spared else ""
    return Look(anew=(told,) if told else ())


def _lease(vault: Vault, mine: Operators) -> Look:
    if mine.takes_over:
        return Look()
    try:
        require_readable(vault)
    except Damaged as damage:
        return Look((damage,))
    return Look()


def _machine_images(vault: Vault) -> Look:
    """A damaged record costs its speed only."""
    look = Look()
    for key in vault.list(layout.MACHINE_IMAGES):
        damage = _read(vault, key)
        site = layout.named(key)
        if damage is not None:
            said = (
                f"{damage}. Servers of {site} would boot from the cloud's own Debian, which takes "
                f"longer. Make a new image: `liferaft image build {site}`."
            )
            look += Look(anew=(said,))
    return look
