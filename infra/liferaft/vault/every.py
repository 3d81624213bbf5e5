"""Several vaults as one: whatever liferaft writes goes to all of them, and one is enough to read.

docs/decisions/082-every-vault-is-complete.md says who leads, and what nobody can know while a vault
is silent.
"""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from liferaft.failures import Held
from liferaft.vault import layout
from liferaft.vault.contract import (
    Damaged,
    KeyMissing,
    Level,
    Newest,
    Seen,
    Vault,
    VaultFailure,
)
from liferaft.vault.decided import create_decided
from liferaft.vault.members import Members
from liferaft.vault.telling import told_of_another_claim, told_of_damage, told_of_refusal

T = TypeVar("T")
_log = logging.getLogger(__name__)


class ClaimedElsewhere(Held):
    """Somebody who does not reach the leading vault claimed it in another one meanwhile."""

    def __init__(self, name: str, key: str, leading: str) -> None:
        super().__init__(
            f"Since this command began {key} was claimed in vault {name}, by somebody who does not "
            f"reach vault {leading}",
            safe="Nothing was claimed here, and what lies there was not overwritten.",
            do="Ask who else moves the application, and look at `liferaft status`. The same "
            "command, run again, sees how far the other one is.",
        )


class EveryVault(Members):
    """The contract over all configured vaults. Threads may share it."""

    @property
    def name(self) -> str:
        """Of all, as errors call them."""
        return " and ".join(self._vaults)

    def __repr__(self) -> str:
        return f"EveryVault({list(self._vaults.values())!r})"

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
        one of them, two led at once: that is told, and never overwritten.

        Raises ClaimedElsewhere for a lease or an epoch of which a complete vault knows already that
        somebody else claimed it there.
        """
        self._note_all()
        if layout.is_link(key):
            self._require_unclaimed(key, body)
        doing = f"creating {key}"
        leading, is_mine = self._decided(doing, lambda one: one.create(key, body), lacks=True)
        if not is_mine:
            return False
        others = [vault for vault in self.answering if vault is not leading]
        copies = self._of_each(
            others, doing, lambda vault: create_decided(vault, key, body), lacks=True
        )
        for name in (name for name, is_there in copies.items() if not is_there):
            _log.warning("%s", told_of_another_claim(name, key))
        self._note_all()
        return True

    def _require_unclaimed(self, key: str, body: bytes) -> None:
        """Who claims where this vault leads is in it first, and in the others then."""
        others = [one for one in self.answering[1:] if one.name not in self.roll.lacking]
        doing = f"reading {key}"
        found = self._of_each(others, doing, lambda vault: _there(vault, key), lacks=False)
        for name, there in found.items():
            if there in (None, body):
                continue
            leading, decided = self._decided(doing, lambda vault: _there(vault, key))
            if decided is None:
                raise ClaimedElsewhere(name, key, leading.name)

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


def _there(vault: Vault, key: str) -> bytes | None:
    """What lies at a key; nothing that can be read of what is damaged."""
    try:
        return vault.get(key)
    except KeyMissing:
        return None
    except Damaged:
        return b""


def _merged(listings: Sequence[Sequence[Seen]]) -> tuple[Seen, ...]:
    """By key; the first one's word where two have it."""
    found = {one.key: one for listing in reversed(listings) for one in listing}
    return tuple(found[key] for key in sorted(found))
