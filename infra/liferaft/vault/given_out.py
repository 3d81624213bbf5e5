"""Which numbers were given out to reigns, by the keys of all that there is or was a record of."""

from collections.abc import Iterable
from typing import Final

from liferaft.vault import layout

NO_EPOCH: Final = 1_000_000
"""Numbers from here on are no reign's: an application does not move so often."""
_GAP: Final = 100
"""Numbers that are so far above all others are nobody's either: each is given out after the one
before it, of which something may be lost."""


def highest_given_out(keys: Iterable[str]) -> int:
    """The number of a reign, by all keys of which there is or was a record. Somebody else may have
    written some: one far above the others would be followed by as many claims, or by no reign any
    more."""
    numbers = (
        layout.link_number(layout.EPOCHS, key)
        for key in keys
        if key.startswith(f"{layout.EPOCHS}/")
    )
    highest = 0
    for number in sorted(filter(None, numbers)):
        if number - highest > _GAP or number >= NO_EPOCH:
            break
        highest = number
    return highest
