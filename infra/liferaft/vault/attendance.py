"""Which vaults answer, which of them lack something, and which one leads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from liferaft.vault import layout
from liferaft.vault.asking import Question
from liferaft.vault.away import UNKNOWN, AwayNote, read_notes
from liferaft.vault.brought import BroughtSince
from liferaft.vault.contract import Vault, VaultFailure, VaultUnavailable


@dataclass(frozen=True)
class Heard:
    """What one vault says at the beginning of a command.

    Attributes:
        notes: of vaults that were away, by their names.
        brought: what servers said of those since, by their names.
        unfit: names of vaults that cannot refuse a second claim.
        epochs, leases: the highest numbers of its chains: every command adds to the second.
    """

    notes: Mapping[str, AwayNote]
    brought: Mapping[str, BroughtSince]
    unfit: frozenset[str]
    epochs: int
    leases: int

    @classmethod
    def of(cls, vault: Vault) -> Self:
        """Ask. Raises VaultFailure."""
        found = read_notes(vault)
        return cls(
            found.away,
            found.brought,
            frozenset(layout.named(key) for key in vault.list(layout.UNFIT)),
            _highest(vault, layout.EPOCHS),
            _highest(vault, layout.LEASES),
        )


@dataclass(frozen=True)
class Attendance:
    """How it stands with one vault, for people and machines.

    Attributes:
        is_complete: whether it is not known to lack anything.
        away_since: since when it lacks what was written, UTC, ISO 8601; None of a complete one, and
            where nobody saw when it began.
        why: what it answered then, or what shows that something is lacking.
        left: records that it lacks, as far as listings tell; None where it cannot be asked.
        brought: what servers that bring it that said last; None where they said nothing.
    """

    vault: str
    leads: bool
    answers: bool
    is_complete: bool
    away_since: str | None = None
    why: str | None = None
    left: int | None = None
    brought: BroughtSince | None = None

    def is_catching_up(self, now: datetime) -> bool:
        """Whether servers bring it what it lacks, as they said a short while ago."""
        return self.answers and self.brought is not None and self.brought.is_fresh(now)


@dataclass
class Roll:
    """All vaults of one command, as they are known to it.

    Attributes:
        names: in the order of liferaft.toml.
        heard: what those said that answer.
        silent: by name, the note of each that does not.
        lacking: by name, the note of each that answers and lacks something.
        noted: those of `lacking` that were away, as somebody saw.
    """

    names: tuple[str, ...]
    heard: dict[str, Heard] = field(default_factory=dict)
    silent: dict[str, AwayNote] = field(default_factory=dict)
    lacking: dict[str, AwayNote] = field(default_factory=dict)
    noted: set[str] = field(default_factory=set)

    @classmethod
    def call(cls, vaults: Sequence[Vault], *, grace: float) -> Self:
        """Ask all of them at once. Whoever has not answered after `grace` seconds is silent.

        Raises VaultUnavailable where nobody answers.
        """
        roll = cls(tuple(vault.name for vault in vaults))
        failures = roll._hear(vaults, grace)
        if not roll.heard:
            raise VaultUnavailable(
                " and ".join(roll.names),
                "none answers",
                "; ".join(str(failure) for failure in failures.values()),
                safe="Nothing was done.",
                do="Run the same command again once one of them answers.",
            )
        # Once more, those that seem behind: another command may be between two writes.
        failures |= roll._hear([vault for vault in vaults if roll._behind(vault.name)], grace)
        for name, failure in failures.items():
            before, now = roll.note_before(name), AwayNote.of_now(name, str(failure))
            roll.silent[name] = now if before is None else before.again(now)
        for name in roll.answering:
            note = roll.note_before(name)
            if note is not None:
                roll.lack(note)
            elif (lack := roll._behind(name)) is not None:
                roll.lacking[name] = lack
        return roll

    @property
    def answering(self) -> tuple[str, ...]:
        """The leading one first, then in the order in which they would lead.

        A higher epoch goes before everything else: whoever knows it knows who reigns.
        """
        there = [name for name in self.names if name in self.heard and name not in self.silent]
        return tuple(sorted(there, key=self._rank))

    @property
    def order(self) -> tuple[str, ...]:
        """All of them: those that do not answer come last."""
        return (*self.answering, *(name for name in self.names if name in self.silent))

    @property
    def leading(self) -> str:
        return self.answering[0]

    @property
    def is_complete(self) -> bool:
        """Whether the leading vault is known to lack nothing."""
        return self.leading not in self.lacking

    @property
    def unfit(self) -> frozenset[str]:
        """Names of those that cannot refuse a second claim, whoever has that on record."""
        return frozenset().union(*(heard.unfit for heard in self.heard.values()))

    @property
    def notes(self) -> tuple[AwayNote, ...]:
        """Of all that are not complete."""
        return (*self.silent.values(), *self.lacking.values())

    def lack(self, note: AwayNote) -> None:
        """A vault that answers lacks something, and does not lead while another is complete."""
        before = self.lacking.get(note.vault)
        self.lacking[note.vault] = note if before is None else before.again(note)
        self.noted.add(note.vault)

    def complete(self, name: str) -> None:
        """A vault has everything."""
        self.lacking.pop(name, None)
        self.noted.discard(name)

    def leave_out(self, note: AwayNote) -> None:
        """A vault does not answer any more."""
        before = self.lacking.pop(note.vault, None)
        self.silent[note.vault] = note if before is None else before.again(note)

    def _hear(self, vaults: Iterable[Vault], grace: float) -> dict[str, VaultFailure]:
        """How those failed that did not answer."""
        asked = [
            Question(vault, "reading how far it is", Heard.of, grace=grace) for vault in vaults
        ]
        failures = {}
        for one in asked:
            try:
                self.heard[one.vault.name] = one.in_time()
            except VaultFailure as failure:
                failures[one.vault.name] = failure
        return failures

    def note_before(self, name: str) -> AwayNote | None:
        """The oldest note about a vault that lay there, whoever holds it."""
        found = [heard.notes[name] for heard in self.heard.values() if name in heard.notes]
        return min(found, key=lambda note: (note.since != UNKNOWN, note.since), default=None)

    def brought_to(self, name: str) -> BroughtSince | None:
        """What servers said last of what a vault lacks."""
        found = [heard.brought[name] for heard in self.heard.values() if name in heard.brought]
        return max(found, key=lambda one: one.at, default=None)

    def _behind(self, name: str) -> AwayNote | None:
        """Others know more than a vault that was never seen away: it was emptied, put back from a
        copy, newly declared, or somebody was killed between two writes."""
        if name not in self.heard:
            return None
        mine, all_of_them = self.heard[name], self.heard.values()
        lacks = [
            f"{has} of {most} {what}"
            for what, has, most in (
                ("epochs", mine.epochs, max(one.epochs for one in all_of_them)),
                ("leases", mine.leases, max(one.leases for one in all_of_them)),
            )
            if has < most
        ]
        return AwayNote(name, UNKNOWN, f"it has {' and '.join(lacks)}") if lacks else None

    def _rank(self, name: str) -> tuple[int, ...]:
        heard = self.heard[name]
        lacks = 2 if name in self.noted else int(name in self.lacking)
        is_unfit = int(name in self.unfit)
        return -heard.epochs, lacks, is_unfit, -heard.leases, self.names.index(name)


def _highest(vault: Vault, chain: str) -> int:
    numbers = (layout.link_number(chain, key) for key in vault.list(chain))
    return max((number for number in numbers if number is not None), default=0)
