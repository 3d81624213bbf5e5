"""Several vaults as one: whatever liferaft writes goes to all of them, and one is enough to read.

docs/decisions/082-every-vault-is-complete.md says who leads, and what nobody can know while a vault
is silent.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from liferaft.vault import layout
from liferaft.vault.asking import GRACE_SECONDS, Asked, require_answer
from liferaft.vault.attendance import Roll
from liferaft.vault.away import AwayNote
from liferaft.vault.contract import (
    Damaged,
    KeyMissing,
    Level,
    Newest,
    Seen,
    Vault,
    VaultFailure,
    VaultRefused,
)
from liferaft.vault.telling import (
    told_at_first,
    told_of_another_claim,
    told_of_damage,
    told_of_loss,
    told_of_refusal,
)

T = TypeVar("T")
_log = logging.getLogger(__name__)


class EveryVault:
    """The contract over all configured vaults. Threads may share it.

    The first request calls the roll: until then nobody is asked. A vault that falls silent is left
    out for the rest of the command, so that it costs a few seconds once; the last one that answers
    is waited for as a single vault is.
    """

    def __init__(self, vaults: Sequence[Vault], *, grace: float = GRACE_SECONDS) -> None:
        """`vaults`: in the order of liferaft.toml. grace: seconds until a vault that says nothing
        is asked whether it is there."""
        self._vaults = {vault.name: vault for vault in vaults}
        self._grace = grace
        self._known: Roll | None = None
        self._lying: set[tuple[str, str]] = set()
        """Notes: where each lies, and whom it is about."""
        self._turn = threading.RLock()

    @property
    def name(self) -> str:
        """Of all, as errors call them."""
        return " and ".join(self._vaults)

    def __repr__(self) -> str:
        return f"EveryVault({list(self._vaults.values())!r})"

    @property
    def roll(self) -> Roll:
        """Who answers, who lacks something, who leads. Raises VaultFailure where nobody answers."""
        with self._turn:
            if self._known is None:
                roll = Roll.call(tuple(self._vaults.values()), grace=self._grace)
                self._lying.update((at, name) for at in roll.heard for name in roll.heard[at].notes)
                for sentence in told_at_first(roll):
                    _log.warning("%s", sentence)
                self._known = roll
            return self._known

    @property
    def order(self) -> tuple[str, ...]:
        """Names: the leading one first, those that do not answer last."""
        return self.roll.order

    @property
    def answering(self) -> tuple[Vault, ...]:
        """Those that answer, the leading one first, each by itself."""
        return tuple(self._vaults[name] for name in self.roll.answering)

    def note_away(self, name: str, why: str) -> None:
        """A vault lacks something from now on: durable on return. Raises VaultFailure where none
        takes the note."""
        with self._turn:
            if name not in self.roll.silent:
                self.roll.lack(AwayNote.of_now(name, why))
        self._note_all()

    def forget_away(self, name: str) -> None:
        """A vault has everything: its note is taken away, the leading vault's last."""
        leading, *others = self.answering
        for vault in (*others, leading):
            vault.delete(layout.away(name))
            self._lying.discard((vault.name, name))
        with self._turn:
            self.roll.lacking.pop(name, None)

    def put(self, key: str, body: bytes) -> None:
        """A vault that answers and does not take it lacks it from then on."""
        for name, refusal in self._write(f"writing {key}", lambda one: one.put(key, body)).items():
            self._leave_lacking(name, refusal)
        self._note_all()

    def delete(self, key: str) -> None:
        """Raises VaultRefused where the leading vault does not let it go."""
        leading = self.answering[0].name
        refusals = self._write(f"deleting {key}", lambda vault: vault.delete(key))
        if leading in refusals:
            raise refusals[leading]
        for name, refusal in refusals.items():
            _log.warning("%s", told_of_refusal(name, refusal))

    def create(self, key: str, body: bytes) -> bool:
        """The leading vault decides; the others are given the same body. Where another body lies in
        one of them, two led at once: that is told, and never overwritten."""
        self._note_all()
        doing = f"creating {key}"
        leading, is_mine = self._decided(doing, lambda vault: vault.create(key, body))
        if not is_mine:
            return False
        others = [vault for vault in self.answering if vault is not leading]
        copies = self._of_each(others, doing, lambda vault: vault.create(key, body), lacks=True)
        for name in (name for name, is_there in copies.items() if not is_there):
            _log.warning("%s", told_of_another_claim(name, key))
        self._note_all()
        return True

    def get(self, key: str) -> bytes:
        """One that is damaged is read from another vault that is complete and has it whole."""
        try:
            return self._found(f"reading {key}", lambda vault: vault.get(key))
        except Damaged as damage:
            found = self._whole(key)
            if found is None:
                raise
            name, body = found
            _log.warning("%s", told_of_damage(damage, name))
            return body

    def list(self, prefix: str = "") -> tuple[str, ...]:
        found = self._listings(f"listing {prefix}", lambda vault: vault.list(prefix))
        return tuple(sorted({key for one in found for key in one}))

    def look(self, prefix: str, *, after: str = "") -> tuple[Seen, ...]:
        return _merged(
            self._listings(f"listing {prefix}", lambda vault: vault.look(prefix, after=after))
        )

    def level(self, folder: str = "") -> Level:
        found = self._listings(f"listing {folder}", lambda vault: vault.level(folder))
        folders = {name for one in found for name in one.folders}
        return Level(tuple(sorted(folders)), _merged([one.objects for one in found]))

    def stored(self, key: str) -> bytes:
        return self._found(f"reading {key}", lambda vault: vault.stored(key))

    def digest(self, key: str, *, seconds: float) -> str | None:
        return self._found(f"reading {key}", lambda vault: vault.digest(key, seconds=seconds))

    def newest(self, prefix: str) -> Newest | None:
        return self._of_leading(f"listing {prefix}", lambda vault: vault.newest(prefix))

    def _of_leading(self, doing: str, call: Callable[[Vault], T]) -> T:
        return self._decided(doing, call)[1]

    def _decided(self, doing: str, call: Callable[[Vault], T]) -> tuple[Vault, T]:
        """The leading vault and what it answers; the next one where it falls silent."""
        while True:
            leading, *others = self.answering
            try:
                if not others:
                    return leading, call(leading)
                return leading, Asked(leading, doing, call, grace=self._grace).answer()
            except VaultFailure as failure:
                if not self._goes_on_without(leading, failure):
                    raise

    def _of_each(
        self, vaults: Sequence[Vault], doing: str, call: Callable[[Vault], T], *, lacks: bool
    ) -> dict[str, T]:
        """By name, what they answer. lacks: whether one that refuses lacks something then."""
        asked = [Asked(vault, doing, call, grace=self._grace) for vault in vaults]
        answers = {}
        for one in asked:
            try:
                answers[one.vault.name] = one.answer()
            except VaultFailure as failure:
                if not self._goes_on_without(one.vault, failure) and lacks:
                    self._leave_lacking(one.vault.name, failure)
        return answers

    def _found(self, doing: str, call: Callable[[Vault], T]) -> T:
        """As `_of_leading`. What a leading vault misses that is not complete may lie in another."""
        try:
            return self._of_leading(doing, call)
        except KeyMissing as missing:
            if self.roll.is_complete:
                raise
            for vault in self.answering[1:]:
                try:
                    return call(vault)
                except (KeyMissing, VaultFailure):
                    continue
            raise missing from None

    def _whole(self, key: str) -> tuple[str, bytes] | None:
        """An object as a complete vault beside the leading one has it, and that one's name."""
        for vault in self.answering[1:]:
            try:
                if vault.name not in self.roll.lacking:
                    return vault.name, vault.get(key)
            except (Damaged, KeyMissing, VaultFailure):
                continue
        return None

    def _listings(self, doing: str, call: Callable[[Vault], T]) -> tuple[T, ...]:
        """The leading vault's; those of all that answer while none is complete."""
        leading, first = self._decided(doing, call)
        if self.roll.is_complete:
            return (first,)
        others = [vault for vault in self.answering if vault is not leading]
        return (first, *self._of_each(others, doing, call, lacks=False).values())

    def _write(self, doing: str, call: Callable[[Vault], None]) -> dict[str, VaultFailure]:
        """In all at once; by name, the refusals of those that answer. Raises what the leading one
        raises where none took it."""
        self._note_all()
        there = self.answering
        if len(there) == 1:
            call(there[0])
            return {}
        asked = [Asked(vault, doing, call, grace=self._grace) for vault in there]
        failures: dict[str, VaultFailure] = {}
        for one in asked:
            try:
                one.answer()
            except VaultFailure as failure:
                failures[one.vault.name] = failure
        if len(failures) == len(there):
            raise failures[there[0].name]
        refused = {
            name: failure
            for name, failure in failures.items()
            if not self._goes_on_without(self._vaults[name], failure)
        }
        self._note_all()
        return refused

    def _goes_on_without(self, vault: Vault, failure: VaultFailure) -> bool:
        """Leave a vault out that does not answer any more. One that only refused this request
        answers, and the last one is never left out."""
        if isinstance(failure, VaultRefused):
            try:
                require_answer(vault, grace=self._grace)
            except VaultFailure:
                pass
            else:
                return False
        with self._turn:
            if vault.name in self.roll.silent:
                return True  # another request has seen it
            if len(self.roll.answering) == 1:
                return False
            self.roll.leave_out(AwayNote.of_now(vault.name, str(failure)))
            _log.warning("%s", told_of_loss(vault.name, failure, self.roll.leading))
        return True

    def _leave_lacking(self, name: str, refusal: VaultFailure) -> None:
        with self._turn:
            if name not in self.roll.lacking:
                _log.warning("%s", told_of_refusal(name, refusal))
            self.roll.lack(AwayNote.of_now(name, str(refusal)))

    def _note_all(self) -> None:
        """Notes about all that are not complete lie in all that answer, on return. Raises
        VaultFailure where none of these takes one."""
        with self._turn:
            for note in self.roll.notes:
                for vault in self.answering:
                    if (vault.name, note.vault) not in self._lying:
                        self._note(vault, note)

    def _note(self, vault: Vault, note: AwayNote) -> None:
        try:
            Asked(vault, f"writing {note.key}", _put(note), grace=self._grace).answer()
            self._lying.add((vault.name, note.vault))
        except VaultFailure as failure:
            if not self._goes_on_without(vault, failure):
                if len(self.answering) == 1:
                    raise
                self._leave_lacking(vault.name, failure)


def _put(note: AwayNote) -> Callable[[Vault], None]:
    return lambda vault: vault.put(note.key, note.to_json())


def _merged(listings: Sequence[Sequence[Seen]]) -> tuple[Seen, ...]:
    """By key; the first one's word where two have it."""
    found = {one.key: one for listing in reversed(listings) for one in listing}
    return tuple(found[key] for key in sorted(found))
