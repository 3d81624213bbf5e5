"""The vaults of one command: who answers, who leads, and what is asked of each.

A vault that falls silent is left out for the rest of the command, so that it costs a few seconds
once; the last one that answers is waited for as a single vault is.
"""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from liferaft.vault import layout
from liferaft.vault.asking import GRACE_SECONDS, Question, require_answer
from liferaft.vault.attendance import Roll
from liferaft.vault.away import AwayNote, forget
from liferaft.vault.checked import CheckedVault, UnfitVault
from liferaft.vault.contract import Vault, VaultFailure, VaultRefused, VaultUnavailable
from liferaft.vault.telling import told_at_first, told_of_loss, told_of_refusal

T = TypeVar("T")
_log = logging.getLogger(__name__)
SLOW_SECONDS: Final = 60.0
"""For how long a vault that answers, and slowly, may hold up a command that another one leads."""
_USUAL: Final = 0.4
"""The part of the grace that any request may take."""


class Members:
    """Threads may share it. The first request calls the roll: until then nobody is asked."""

    def __init__(
        self,
        vaults: Sequence[CheckedVault],
        *,
        grace: float = GRACE_SECONDS,
        slow: float = SLOW_SECONDS,
    ) -> None:
        """`vaults`: in the order of liferaft.toml. grace: seconds until a vault that says nothing
        is asked whether it is there. slow: seconds for which one that does not lead may hold up
        the command in all."""
        self._vaults: dict[str, CheckedVault] = {vault.name: vault for vault in vaults}
        self._grace, self._slow = grace, slow
        self._held_up: dict[str, float] = {}
        self._known: Roll | None = None
        self._lying: set[tuple[str, str]] = set()
        """Notes: where each lies, and whom it is about."""
        self._noted_anew: set[str] = set()
        """Those of which it was noted in this command that they failed."""
        self._deaf: set[str] = set()
        """Those that answer, and take no notes."""
        self._turn = threading.RLock()

    @property
    def roll(self) -> Roll:
        """Who answers, who lacks something, who leads. Raises VaultFailure where nobody answers."""
        with self._turn:
            if self._known is None:
                roll = Roll.call(tuple(self._vaults.values()), grace=self._grace)
                there = {(at, name) for at in roll.heard for name in roll.heard[at].notes}
                # Who does not answer is noted anew with the first write, as in `_note_anew`.
                self._lying.update(one for one in there if one[1] not in roll.silent)
                for name in roll.unfit & self._vaults.keys():
                    self._vaults[name] = UnfitVault(self._vaults[name].raw)
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

    def apart(self) -> tuple[Vault, ...]:
        """Each by itself, in the order of liferaft.toml, whether or not it answers. Asks nobody."""
        return tuple(self._vaults.values())

    def note_away(self, name: str, why: str) -> None:
        """A vault lacks something from now on: durable on return. Raises VaultFailure where none
        takes the note."""
        with self._turn:
            if name not in self.roll.silent:
                self.roll.lack(AwayNote.of_now(name, why))
                self._note_anew(name)
        self._note_all()

    def call_unfit(self, name: str, why: str) -> None:
        """A vault cannot refuse a second claim: durable on return."""
        key, body = layout.unfit(name), json.dumps({"vault": name, "why": why}).encode()
        self._write(f"writing {key}", lambda vault: vault.put(key, body))
        self._vaults[name] = UnfitVault(self._vaults[name].raw)

    def forget_away(self, name: str) -> None:
        """A vault has everything: its note is taken away, the leading vault's last."""
        leading, *others = self.answering
        for vault in (*others, leading):
            forget(vault, name)
            self._lying.discard((vault.name, name))
        with self._turn:
            self.roll.complete(name)

    def _of_leading(self, doing: str, call: Callable[[Vault], T]) -> T:
        return self._decided(doing, call)[1]

    def _decided(
        self, doing: str, call: Callable[[Vault], T], *, lacks: bool = False
    ) -> tuple[Vault, T]:
        """The leading vault and what it answers; the next one where it falls silent. lacks: whether
        one that refuses lacks something then, and another one is to lead."""
        while True:
            leading, *others = self.answering
            try:
                if not others:
                    return leading, call(leading)
                return leading, Question(leading, doing, call, grace=self._grace).answer()
            except VaultFailure as failure:
                if self._goes_on_without(leading, failure):
                    continue
                if not (lacks and others):
                    raise
                self._leave_lacking(leading.name, failure)
                if self.answering[0] is leading:
                    raise  # nobody else is better

    def _of_each(
        self, vaults: Sequence[Vault], doing: str, call: Callable[[Vault], T], *, lacks: bool
    ) -> dict[str, T]:
        """By name, what they answer. lacks: whether one that refuses lacks something then."""
        asked = [Question(vault, doing, call, grace=self._grace) for vault in vaults]
        answers = {}
        for one in asked:
            try:
                answers[one.vault.name] = one.answer()
            except VaultFailure as failure:
                if not self._goes_on_without(one.vault, failure) and lacks:
                    self._leave_lacking(one.vault.name, failure)
        self._lose_patience(asked, doing)
        return answers

    def _write(self, doing: str, call: Callable[[Vault], None]) -> dict[str, VaultFailure]:
        """In all at once; by name, the refusals of those that answer. Raises what the leading one
        raises where none took it."""
        self._note_all()
        there = self.answering
        if len(there) == 1:
            call(there[0])
            return {}
        asked = [Question(vault, doing, call, grace=self._grace) for vault in there]
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
        self._lose_patience(asked, doing)
        self._note_all()
        return refused

    def _lose_patience(self, asked: Sequence[Question[Any]], doing: str) -> None:
        """Leave out who answers each request, and has held up this command for too long. Never the
        leading one: what is claimed is claimed there."""
        usual = _USUAL * self._grace
        for one in asked:
            name = one.vault.name
            if one.seconds <= usual or name == self.roll.leading:
                continue
            with self._turn:
                total = self._held_up.get(name, 0.0) + one.seconds - usual
                self._held_up[name] = total
            if total > self._slow:
                said = f"it answers, and has held up this command for {total:.0f} s"
                self._goes_on_without(one.vault, VaultUnavailable(name, doing, said))

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
            self._note_anew(vault.name)
            _log.warning("%s", told_of_loss(vault.name, failure, self.roll.leading))
        return True

    def _leave_lacking(self, name: str, refusal: VaultFailure) -> None:
        with self._turn:
            if name not in self.roll.lacking:
                _log.warning("%s", told_of_refusal(name, refusal))
            if name not in self._noted_anew:
                self.roll.lack(AwayNote.of_now(name, str(refusal)))
                self._note_anew(name)

    def _note_anew(self, name: str) -> None:
        """What lies there of an earlier absence may be over at any moment: servers bring what was
        lacking then, and know nothing of what fails now."""
        if name not in self._noted_anew:
            self._noted_anew.add(name)
            self._lying = {(at, whom) for at, whom in self._lying if whom != name}

    def _note_all(self) -> None:
        """Notes about all that are not complete lie in all that answer, on return. Raises
        VaultFailure where none of these takes one."""
        with self._turn:
            while missing := [
                (vault, note)
                for note in self.roll.notes
                for vault in self.answering
                if (vault.name, note.vault) not in self._lying and vault.name not in self._deaf
            ]:
                self._note(*missing[0])

    def _note(self, vault: Vault, note: AwayNote) -> None:
        try:
            Question(vault, f"writing {note.key}", _put(note), grace=self._grace).answer()
            self._lying.add((vault.name, note.vault))
        except VaultFailure as failure:
            if not self._goes_on_without(vault, failure):
                if {one.name for one in self.answering} <= {*self._deaf, vault.name}:
                    raise
                self._deaf.add(vault.name)
                self._leave_lacking(vault.name, failure)


def _put(note: AwayNote) -> Callable[[Vault], None]:
    return lambda vault: vault.put(note.key, note.to_json())
