"""A recovery point: everything needed to bring the application back as of one moment.

It is named by one manifest, written last: a manifest that exists is whole. Its parts lie beside it
in the vault, encrypted; the manifest itself holds no secret and no row of the application's data.
"""

import contextlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from liferaft.failures import BadInput, Refused
from liferaft.journal import Event, RunName
from liferaft.recovery.part import Part
from liferaft.vault.chain import EpochChain
from liferaft.vault.contract import PUT_BACK, Damaged, KeyMissing, Vault
from liferaft.vault.layout import EpochKeys

VERSION = 3
_READ = frozenset({2, VERSION})
"""Forms that this version reads. Form 2 had a field `platform`, which its parts say as well."""
_NAME = re.compile(r"\d{8}T\d{6}Z\.json")
_NAMED = re.compile(r"^.*/|\.json$")


class NoRecoveryPoint(Refused):
    """No vault that could be asked holds a whole recovery point."""


@dataclass(frozen=True)
class RecoveryPoint:
    """The manifest.

    Attributes:
        name: `20261122T140507Z`, UTC, sorts by time, unique within its epoch.
        epoch: the epoch that wrote it; all keys of its parts lie under `epoch-<8 digits>/`.
        site: where the data came from.
        taken_at: when the last part was complete, UTC, ISO 8601.
        parts: one per kind and name of data.
    """

    name: str
    app: str
    epoch: int
    site: str
    taken_at: str
    parts: tuple[Part, ...]

    def part(self, kind: str, name: str) -> Part:
        """The part of that kind and name. Raises Refused when the point does not hold it."""
        for part in self.parts:
            if (part.kind, part.name) == (kind, name):
                return part
        raise Refused(
            f"Recovery point {self.name} holds no {kind} named {name}",
            safe="Nothing was done.",
            do="Choose another recovery point, or take that data out of the configuration.",
        )

    def to_json(self) -> bytes:
        """The manifest as it lies in the vault."""
        fields = {**vars(self), "parts": [part.to_json() for part in self.parts]}
        return json.dumps({"version": VERSION, **fields}, indent=1).encode()

    @classmethod
    def from_json(cls, body: bytes) -> "RecoveryPoint":
        """Read a manifest back.

        Raises Refused for one that a newer version wrote, and for what is no manifest.
        """
        try:
            data: dict[str, Any] = json.loads(body)
            version = data.pop("version")
        except (ValueError, AttributeError, KeyError, TypeError) as error:
            raise Refused(
                f"The manifest of a recovery point is damaged: {type(error).__name__}: {error}",
                safe="Nothing was done.",
                do="Look at the manifests in the vault, below `points`: each is a whole object.",
            ) from error
        if version not in _READ:
            raise Refused(
                f"The recovery point was written by another version of liferaft (form {version})",
                safe="Nothing was done.",
                do="Use the version that wrote it.",
            )
        data.pop("platform", None)
        return cls(**{**data, "parts": tuple(Part.from_json(part) for part in data["parts"])})


def publish(vault: Vault, point: RecoveryPoint) -> None:
    """Write the manifest: from then on the point counts. Its parts must be durable before."""
    vault.put(EpochKeys(point.epoch).point(point.name), point.to_json())


@dataclass(frozen=True)
class Points:
    """The recovery points of an epoch, the oldest first; `damaged` are manifests that are."""

    whole: tuple[RecoveryPoint, ...]
    damaged: tuple[Damaged, ...]


def history(vault: Vault, epoch: int) -> Points:
    """All recovery points of one epoch. Blocks."""
    whole: list[RecoveryPoint] = []
    damaged: list[Damaged] = []
    for key in reversed(_manifests(vault, epoch)):
        try:
            whole.append(RecoveryPoint.from_json(vault.get(key)))
        except Damaged as damage:
            damaged.append(damage)
    return Points(tuple(whole), tuple(damaged))


def newest(vault: Vault, epoch: int) -> RecoveryPoint:
    """The newest recovery point of this epoch or, if it has none, of the last that has. Blocks.

    Of an earlier epoch none that was complete only after the next had begun, or after the moment as
    of which that one took over, but where there is no other: it is of a history that was left.

    Raises NoRecoveryPoint, and Damaged when the newest manifest is: then it names the next older
    one that is whole, and what going on from there costs.
    """
    late: list[RecoveryPoint] = []
    for number in range(epoch, 0, -1):
        manifests = _manifests(vault, number)
        ended = ended_at(vault, number) if number < epoch and manifests else None
        for key in manifests:
            try:
                point = RecoveryPoint.from_json(vault.get(key))
            except Damaged as damage:
                raise _offering(damage, newest_whole(vault, epoch)) from None
            if not is_late(point, ended):
                return point
            late.append(point)
    if late:
        return late[0]
    raise NoRecoveryPoint(
        f"Vault {vault.name} holds no recovery point",
        safe="Nothing was done.",
        do="Take one with `liferaft snapshot` while the primary can be reached.",
    )


def newest_whole(vault: Vault, epoch: int) -> RecoveryPoint | None:
    """The newest point of this or an earlier epoch whose manifest can be read; for late ones see
    `newest`. Blocks."""
    late: list[RecoveryPoint] = []
    for number in range(epoch, 0, -1):
        manifests = _manifests(vault, number)
        ended = ended_at(vault, number) if number < epoch and manifests else None
        for key in manifests:
            with contextlib.suppress(Damaged):
                point = RecoveryPoint.from_json(vault.get(key))
                if not is_late(point, ended):
                    return point
                late.append(point)
    return late[0] if late else None


def ended_at(vault: Vault, epoch: int) -> datetime | None:
    """When the next epoch began, or the moment as of which it took the data over; None while this
    one lasts, or where nobody can tell. Blocks."""
    try:
        next_one = EpochChain(vault).record(epoch + 1)
        return _as_of(vault, next_one.run) or datetime.fromisoformat(next_one.at)
    except (KeyMissing, Damaged, ValueError, TypeError):
        return None


def _as_of(vault: Vault, run: str) -> datetime | None:
    """The moment that a failover was given, by the first event of its journal."""
    try:
        begun = Event.from_json(vault.get(RunName.parse(run).key(1)))
        return datetime.fromisoformat(begun.facts["inputs"]["at"])
    except (KeyMissing, Damaged, ValueError, TypeError, KeyError):
        return None  # it was given none, or nobody can tell


def is_late(point: RecoveryPoint, ended: datetime | None) -> bool:
    """Whether it was complete only after its epoch had `ended`, as far as the two clocks agree:
    nothing that was archived later can be replayed onto it."""
    try:
        return ended is not None and datetime.fromisoformat(point.taken_at) >= ended
    except (ValueError, TypeError):
        return False


def named(vault: Vault, epoch: int, name: str) -> RecoveryPoint:
    """The point of that name, of this epoch or an earlier one. Blocks.

    Raises BadInput when there is none, Damaged when its manifest is.
    """
    for number in range(epoch, 0, -1):
        key = EpochKeys(number).point(name)
        if key in _manifests(vault, number):
            try:
                return RecoveryPoint.from_json(vault.get(key))
            except Damaged as damage:
                raise _offering(damage, newest_whole(vault, epoch)) from None
    raise BadInput(
        f"Vault {vault.name} holds no recovery point {name}",
        safe="Nothing was done.",
        do="See `liferaft snapshot list`.",
    )


def _offering(damage: Damaged, older: RecoveryPoint | None) -> Damaged:
    """What to do about a damaged manifest."""
    if older is None:
        return damage
    return damage.mended_by(
        f"{PUT_BACK} Or go on from recovery point {older.name} of epoch {older.epoch}, taken at "
        f"{older.taken_at}: add `--point {older.name}`. That replays all that was archived since "
        "then, which takes longer and loses nothing that the archive holds; what is not archived "
        "is as of that point."
    )


def names(vault: Vault, epoch: int) -> tuple[str, ...]:
    """Names of an epoch's points, the newest first, whether or not they can be read. Blocks."""
    return tuple(_NAMED.sub("", key) for key in _manifests(vault, epoch))


def _manifests(vault: Vault, epoch: int) -> tuple[str, ...]:
    """Keys of an epoch's manifests, the newest first. What else lies there is not ours."""
    keys = vault.list(EpochKeys(epoch).points)
    return tuple(key for key in reversed(keys) if _NAME.fullmatch(key.rpartition("/")[2]))
