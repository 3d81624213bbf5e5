"""Several vaults of one application, which may be away: what stays between commands."""

from collections.abc import Sequence

from tests.models.line import Line
from tests.models.vault import Absence, Shelf, VaultModel

from liferaft.vault import CheckedVault, EveryVault, KeyMissing

NAMES = ("first", "second", "third")
GRACE = 0.2
"""Seconds until one that is silent is given up: nothing here takes as long by itself."""


class Several:
    """Vaults that outlive the commands which use them."""

    def __init__(self, count: int = 2) -> None:
        self.raw = {name: VaultModel(name=name) for name in NAMES[:count]}

    def command(
        self, line: Line | None = None, *, names: Sequence[str] = (), grace: float = GRACE
    ) -> EveryVault:
        """As one command sees them. line: what it asks over; names: in another order."""
        for vault in self.raw.values():
            vault.line = line or Line()
        order = names or tuple(self.raw)
        return EveryVault([CheckedVault(self.raw[name]) for name in order], grace=grace)

    def alone(self, name: str) -> CheckedVault:
        """One vault, asked around all rules."""
        shelf = self.raw[name].shelf
        return CheckedVault(VaultModel(shelf, name=name))

    def away(self, name: str, absence: Absence | None = Absence.UNREACHABLE) -> None:
        self.raw[name].absence = absence

    def back(self, name: str) -> None:
        self.raw[name].absence = None

    def empty(self, name: str) -> None:
        self.raw[name].shelf = Shelf()

    def damage(self, name: str, key: str) -> None:
        self.raw[name].shelf.objects[f"chirp/{key}"] += b"x"

    def asked(self, name: str) -> list[str]:
        return self.raw[name].line.asked

    def everywhere(self, key: str) -> set[bytes | None]:
        """What any of them has there; None for nothing."""
        found: set[bytes | None] = set()
        for name in self.raw:
            try:
                found.add(self.alone(name).get(key))
            except KeyMissing:
                found.add(None)
        return found
