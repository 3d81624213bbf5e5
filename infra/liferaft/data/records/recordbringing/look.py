"""One look: which vaults lack something, what they are brought, and what is said of them then."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from .bringing import Bringing
from .guard import EpochOver, Guard, NoTime, require_epoch
from .heads import headed
from .heard import HeardOf, is_busy, note_in
from .notes import absence, away, brought, digest_of, word
from .reached import RecordsVault, VaultAway
from .rules import is_lasting, is_point
from .states import StatesBrought

WAYS = 3
"""Ways through all records in one look: the last one of a vault that is whole finds nothing."""
SECONDS = 20 * 60.0
SETTLE_SECONDS = 3.0
"""What one vault lacks that nobody saw away is looked for once more then: it may be on its way."""


@dataclass
class RecordsLook:
    """What one look needs, and what came of it, for people. whole: vaults that lack nothing now.
    silent: why a vault does not answer."""

    epoch: int
    vaults: Sequence[RecordsVault]
    now: Callable[[], datetime]
    seconds: float = SECONDS
    heard: dict[str, HeardOf] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _until: float = 0.0

    def look(self, *, compares: bool) -> None:
        """compares: whether vaults that nobody noted as away are compared as well. Raises
        EpochOver."""
        self._until = time.monotonic() + self.seconds
        for one in self.vaults:
            try:
                self.heard[one.name] = HeardOf.of(one)
            except VaultAway as fault:
                self.silent[one.name] = str(fault)
        self._require_epoch()
        answering = [one for one in self.vaults if one.name in self.heard]
        if len(answering) < 2:  # noqa: PLR2004  # one to bring from, one to bring to
            return
        back = {name: heard.back for name, heard in self.heard.items() if heard.back}
        if back:
            self.failed.append(f"vault {' and '.join(back)} is being put back to a moment")
            return
        lacking = self._lacking(answering, compares=compares)
        whole = [one for one in answering if one.name not in lacking]
        if lacking and not whole:
            self.failed.append(
                "no vault that answers is known to be complete: the next command settles it"
            )
            return
        for target in (one for one in answering if one.name in lacking):
            self._bring_all(whole[0], target, answering, lacking[target.name])

    def _require_epoch(self) -> None:
        found = max((heard.epochs for heard in self.heard.values()), default=None)
        if found is not None and found != self.epoch:
            raise EpochOver(f"epoch {found:08} reigns, and this server is of {self.epoch:08}")

    def _lacking(self, answering: Sequence[RecordsVault], *, compares: bool) -> dict[str, str]:
        """By name, why a vault is known to lack something."""
        noted = {name for heard in self.heard.values() for name in heard.notes}
        lacking = {one.name: "it was away" for one in answering if one.name in noted}
        most = max(heard.leases for heard in self.heard.values())
        unnoted = [one for one in answering if one.name not in lacking]
        behind = [
            one
            for one in unnoted
            if self.heard[one.name].epochs < self.epoch or self.heard[one.name].leases < most
        ]
        if (compares or behind) and len(unnoted) > 1:
            try:
                # While a command writes, what is in one vault is on its way into the others.
                if not any(is_busy(one, self.now()) for one in unnoted):
                    lacking |= dict(self._unnoted(unnoted))
            except VaultAway as fault:
                self.failed.append(str(fault))
        return lacking

    def _unnoted(self, vaults: Sequence[RecordsVault]) -> Iterator[tuple[str, str]]:
        """Vaults without something that nothing takes away, which another has: nobody saw them
        away, or they were emptied, or put back from a copy."""
        found = {one.name: one.records() for one in vaults}
        epoch = f"{self.epoch:08}"
        newest = {name: max(filter(is_point, keys), default="") for name, keys in found.items()}
        every = {key for keys in found.values() for key in keys}
        for one in vaults:
            lacks = [
                key
                for key in sorted(every - found[one.name].keys())
                if is_lasting(key, epoch) or (is_point(key) and key > newest[one.name])
            ]
            if not lacks:
                continue
            time.sleep(SETTLE_SECONDS)
            still = [key for key in lacks[-20:] if one.get(key) is None]
            if still:
                yield one.name, f"it lacks {still[-1]}, which another vault has"

    def _guard(self, source: RecordsVault, others: Sequence[RecordsVault]) -> Guard:
        return Guard(self.epoch, source, others, self._until, self.now)

    def _bring_all(
        self,
        source: RecordsVault,
        target: RecordsVault,
        answering: Sequence[RecordsVault],
        why: str,
    ) -> None:
        notes: dict[str, bytes | None] = {}
        try:
            notes |= self._notes_of(target, answering)
            self._note(target, answering, why)
            notes |= self._notes_of(target, answering)
            came = self._ways(source, target, answering)
        except VaultAway as fault:
            came = Way(1, (str(fault),), is_still=False)
        try:
            self._say(target, answering, notes, came)
        except VaultAway as fault:
            self.failed.append(f"vault {target.name} is not complete: {fault}")

    def _notes_of(
        self, target: RecordsVault, answering: Sequence[RecordsVault]
    ) -> dict[str, bytes | None]:
        return {one.name: note_in(one, target.name) for one in answering}

    def _note(self, target: RecordsVault, answering: Sequence[RecordsVault], why: str) -> None:
        """That the vault lacks something lies in each that answers, in itself before it has the
        newest epoch: whoever finds it alone then knows."""
        key = away(target.name)
        live = [note_in(one, target.name) for one in answering]
        whole = [headed(key, note) for note in live if note]
        stored = whole[0] if whole else absence(target.name, why)
        for one in answering:
            if note_in(one, target.name) is None and not one.create(key, stored):
                one.put(key, stored)

    def _ways(
        self, source: RecordsVault, target: RecordsVault, answering: Sequence[RecordsVault]
    ) -> "Way":
        """Until one finds nothing to bring. What it is about must not have changed meanwhile."""
        both = (source, target)
        for _ in range(WAYS):
            guard = self._guard(source, answering)
            before = [HeardOf.of(one).leases for one in both] if guard.is_free() else None
            records = Bringing(source, target, guard)
            states = StatesBrought(source, target, guard, time.time_ns)
            try:
                records.bring()
                states.bring()
            except (NoTime, VaultAway) as fault:
                left = max(records.found - records.changed, 1)
                why = (str(fault),) if isinstance(fault, VaultAway) else ()
                return Way(left, (*records.told, *why), is_still=False)
            after = [HeardOf.of(one) for one in both]
            is_still = before == [heard.leases for heard in after] and not any(
                source.name in heard.notes for heard in after
            )
            is_free = self._guard(source, answering).is_free()
            way = Way(records.left + states.left, tuple(records.told), is_still and is_free)
            if not records.changed + states.changed:
                return way
        return Way(max(way.left, 1), way.told, is_still=False)

    def _say(
        self,
        target: RecordsVault,
        answering: Sequence[RecordsVault],
        notes: Mapping[str, bytes | None],
        came: "Way",
    ) -> None:
        """In each vault, of its own note: the one that was whole all the time last."""
        require_epoch(self.epoch, answering)
        is_whole = came.is_still and not came.left and not came.told
        for one in sorted(answering, key=lambda one: one.name != target.name):
            note = notes[one.name]
            if not note:
                continue
            said = word(
                *(target.name, digest_of(note)),
                at=self.now(),
                told=came.told,
                is_whole=is_whole,
            )
            try:
                one.put(brought(target.name), said)
            except VaultAway:
                if is_whole:
                    raise
        if is_whole:
            self.said.append(f"Vault {target.name} has all records.")
        elif came.told:
            self.failed.append(f"vault {target.name} is not complete: {'; '.join(came.told)}")
        else:
            self.said.append(
                f"Vault {target.name} is not complete yet, {came.left} records are left: there was "
                "no time for more, or a command is under way. The next look goes on."
            )


@dataclass(frozen=True)
class Way:
    """What a way through all records found. is_still: no command was under way meanwhile."""

    left: int
    told: tuple[str, ...]
    is_still: bool
