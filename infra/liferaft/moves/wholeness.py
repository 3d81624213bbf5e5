"""Whether what a failover will need of the vault is there, whole: read, and touched nothing.

Requests go side by side. Small objects are read to their end; of large ones a failover looks at the
size alone, since users wait and servers check each digest before they use anything.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from liferaft.data.contract import Part
from liferaft.data.postgres import inspection
from liferaft.data.sealed_objects import STORED, sealed_size
from liferaft.failures import Failure
from liferaft.journal import require_readable
from liferaft.moves import reign, release
from liferaft.moves.damages import Damages
from liferaft.recovery import point as points
from liferaft.recovery.point import NoRecoveryPoint, RecoveryPoint
from liferaft.secrets import require_whole
from liferaft.vault import PUT_BACK, Damaged, KeyMissing, Vault, layout
from liferaft.vault.layout import EpochKeys

_LANES: Final = 8
CERTIFICATES: Final = "certificates"


@dataclass(frozen=True)
class Reading:
    """How much is read. largest: bytes of an object that is read to its end; seconds: how long one
    may take. beyond: whether all the WAL since the backup is listed, or only what it needs."""

    largest: int
    seconds: float
    beyond: bool


QUICK: Final = Reading(largest=1024 * 1024, seconds=5.0, beyond=False)
"""While users wait, or a person looks at the standing."""
THOROUGH: Final = Reading(largest=2**63, seconds=60.0, beyond=True)
"""For a plan that is only shown."""


@dataclass(frozen=True)
class Look:
    """damages: what a failover cannot do without. anew: what is damaged, and made anew or done
    without, in sentences. unread: what was not looked at, and who does."""

    damages: tuple[Failure, ...] = ()
    anew: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    def __add__(self, other: "Look") -> "Look":
        return Look(
            self.damages + other.damages, self.anew + other.anew, self.unread + other.unread
        )


@dataclass(frozen=True)
class Wanted:
    """What a failover begins from: the reign whose secrets it uses, the recovery point (None where
    none can be read), the images that it will start. seen: damage that was met when this was read.
    """

    epoch: int
    point: RecoveryPoint | None
    images: tuple[Part, ...] = ()
    seen: Look = field(default_factory=Look)


def wanted_of(vault: Vault, epoch: int) -> Wanted:
    """What a failover from this reign would begin from. Blocks."""
    damages = Damages()
    with suppress(NoRecoveryPoint):
        damages.beside(lambda: points.newest(vault, epoch), None)
    point = points.newest_whole(vault, epoch)
    noted = damages.beside(lambda: release.newest(vault, epoch), None)
    kept = tuple(part for part in point.parts if part.kind == release.IMAGE) if point else ()
    images = noted.images if noted else kept
    return Wanted(epoch, point, images, Look(tuple(damages.found)) + _timeline(vault, epoch))


def _timeline(vault: Vault, epoch: int) -> Look:
    damage = _read(vault, EpochKeys(epoch).timeline)
    if damage is None:
        return Look()
    if reign.said_elsewhere(vault, epoch) is None:
        return Look((reign.without_timeline(damage),))
    return Look(anew=(f"{damage}. The rest of the vault says the same.",))


Check = Callable[[], Look]


def side_by_side(checks: Iterable[Check]) -> Look:
    """What all of them found, in their order. Raises what the first that failed raises."""
    with ThreadPoolExecutor(_LANES) as pool:
        return sum(pool.map(lambda check: check(), checks), Look())


@dataclass(frozen=True)
class Operators:
    """What the operator brings. archives: of images, path by SHA-256, asked only when one is
    damaged in the vault. takes_over: whether the lease is taken whoever holds it."""

    archives: Callable[[], Mapping[str, str]] = field(default=dict)
    takes_over: bool = False


def looked(
    vault: Vault, wanted: Wanted, reading: Reading, operators: Operators | None = None
) -> Look:
    """All that can be told without any key but the vault's own. Blocks."""
    mine = operators or Operators()
    parts = wanted.point.parts if wanted.point else ()
    checks: list[Check] = [
        partial(_secrets, vault, wanted.epoch),
        partial(_lease, vault, mine),
        partial(_machine_images, vault),
        *(partial(_image, vault, part, reading, mine) for part in wanted.images),
        *(partial(_certificates, vault, part) for part in parts if part.kind == CERTIFICATES),
        *(
            partial(_archive, vault, part, wanted, reading)
            for part in parts
            if part.kind == "postgres"
        ),
    ]
    return wanted.seen + side_by_side(checks)


def backups(vault: Vault, wanted: Wanted, passphrase: str) -> Look:
    """What pgBackRest noted of the recovery point's backup, opened with its key. Blocks."""
    parts = wanted.point.parts if wanted.point else ()
    ours = [part for part in parts if part.kind == "postgres"]
    return side_by_side(partial(_backup, vault, part, wanted, passphrase) for part in ours)


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


def _image(vault: Vault, part: Part, reading: Reading, mine: Operators) -> Look:
    damages, unread = _stored(vault, part, reading, size=sealed_size(part.size))
    look = Look(unread=tuple(unread))
    for damage in damages:
        beside = mine.archives().get(part.facts["digest"])
        if beside is not None:
            look += Look(anew=(f"{damage}. The same image is in {beside}, and that is used.",))
        else:
            look += Look((damage.mended_by(_way_to_the_image(part)),))
    return look


def _way_to_the_image(part: Part) -> str:
    return (
        f"Name an archive of it in app.images, the one whose SHA-256 is {part.facts['digest']}: it "
        "is used instead. While the site that reigns can be reached, `liferaft deploy` of it "
        "brings the image there again. Or put back an earlier version of this object."
    )


def _certificates(vault: Vault, part: Part) -> Look:
    """Caddy has new ones issued: that costs the time that the authority takes."""
    damages, unread = _stored(vault, part, QUICK)
    said = (f"{one}. It belongs to the certificates: what lacks is issued anew." for one in damages)
    return Look(anew=tuple(said), unread=tuple(unread))


def _stored(
    vault: Vault, part: Part, reading: Reading, *, size: int | None = None
) -> tuple[list[Damaged], list[str]]:
    """Of what a server sealed: objects that are not as they were noted, and which were not read.

    size: bytes that the object must have, where there is one.
    """
    sums: Mapping[str, str] = part.facts.get(STORED, {})
    if not sums:
        said = (
            f"Where {part.kind} {part.name} lies in vault {vault.name} was not noted by the "
            "version that kept it: it was not looked at."
        )
        return [], [said]
    area = "/".join(next(iter(sums)).split("/")[:2])
    sizes = {one.key: one.size for one in vault.look(area)}
    damages: list[Damaged] = []
    unread: list[str] = []
    for key, digest in sums.items():
        there = sizes.get(key)
        if there is None:
            damages.append(Damaged(vault.name, key, "it is not there"))
        elif size is not None and there != size:
            damages.append(Damaged(vault.name, key, f"it has {there} of {size} bytes"))
        elif there > reading.largest:
            unread.append(_unread(vault, part, there))
        else:
            found = vault.digest(key, seconds=reading.seconds)
            if found is None:
                unread.append(_unread(vault, part, there))
            elif found != digest:
                damages.append(Damaged(vault.name, key, "it is not what was noted of it"))
    return damages, unread


def _unread(vault: Vault, part: Part, size: int) -> str:
    return (
        f"{part.kind.capitalize()} {part.name} ({size / 1e6:.0f} MB) is in vault {vault.name} with "
        "its size, and was not read: each server checks its digest before it is used."
    )


def _archive(vault: Vault, part: Part, wanted: Wanted, reading: Reading) -> Look:
    return _of_backup(vault, inspection.archive_of(vault, part, beyond=reading.beyond), wanted)


def _backup(vault: Vault, part: Part, wanted: Wanted, passphrase: str) -> Look:
    return _of_backup(vault, inspection.inspected(vault, part, passphrase), wanted)


def _of_backup(vault: Vault, found: inspection.Found, wanted: Wanted) -> Look:
    name = wanted.point.name if wanted.point else ""
    way = (
        f"{PUT_BACK} Or go on from an older recovery point than {name}, which `liferaft snapshot "
        "list` names: add `--point NAME`. While the site that reigns can be reached, take a new "
        "one: `liferaft snapshot`."
    )
    return Look(
        tuple(damage.mended_by(way) for damage in found.broken),
        (
            *(f"{damage}. A restore can do without it." for damage in found.spared),
            *(
                f"WAL {key} is not in vault {vault.name}, though later WAL is: what was committed "
                "from there on cannot be brought back. A failover stops there, past its point of "
                "no return, and goes on to just before it with "
                f"`--lose-from {key.rpartition('/')[2]}`."
                for key in found.holes
            ),
        ),
    )
