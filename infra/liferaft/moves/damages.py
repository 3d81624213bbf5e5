"""What of the vault is not whole, told all at once."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from liferaft.failures import Failure, Refused
from liferaft.vault import Damaged

T = TypeVar("T")


class NotWhole(Refused):
    """Several objects that a move needs are damaged or are not there."""

    def __init__(self, damages: Sequence[Failure]) -> None:
        self.damages = tuple(damages)
        super().__init__(
            "\n".join(damage.facts.happened for damage in damages),
            safe=" ".join(dict.fromkeys(damage.facts.safe for damage in damages)),
            do="\n      ".join(_ways_out(damages)),
        )


def _ways_out(damages: Sequence[Failure]) -> list[str]:
    """The same words for several objects stand once, with all their keys."""
    keys: dict[str, list[str]] = {}
    for damage in damages:
        keys.setdefault(damage.facts.do, []).append(_place(damage))
    return [f"{', '.join(named)}: {do}" for do, named in keys.items()]


def _place(damage: Failure) -> str:
    details = damage.facts.details
    return details.get("key") or details.get("object") or "all else"


def damages_of(failure: Failure) -> tuple[Failure, ...]:
    """A failure that may stand for one damage or for several."""
    return failure.damages if isinstance(failure, NotWhole) else (failure,)


def together(damages: Sequence[Failure]) -> Failure:
    """One failure that says all of them; a single one is itself."""
    return damages[0] if len(damages) == 1 else NotWhole(damages)


class Damages:
    """Gathers damage while reading goes on."""

    def __init__(self) -> None:
        self.found: list[Failure] = []

    def beside(self, read: Callable[[], T], otherwise: T) -> T:
        """What `read` returns; `otherwise` where that is damaged, which is kept."""
        try:
            return read()
        except (Damaged, NotWhole) as damage:
            self.found += damages_of(damage)
            return otherwise

    def require_none(self) -> None:
        """Raise what was found."""
        if self.found:
            raise together(self.found)
