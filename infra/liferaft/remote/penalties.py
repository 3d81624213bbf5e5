"""What SSH servers may have noted against us by now: asked again in time, none turns us away.

OpenSSH from 9.8 on (Debian 13 has 10.0) adds up seconds against whoever asks in vain: 5 for a key
that it does not take, 1 for a connection that ends before. They run out by themselves; while there
are more than 15, it lets nobody in from there. https://man.openbsd.org/sshd_config#PerSourcePenalties
Servers without that are asked no more slowly in the first seconds of a boot.
"""

import time
from dataclasses import dataclass
from typing import Final

REFUSED_SECONDS = 5.0
"""For a key that it did not take."""
CLOSED_SECONDS = 1.0
"""For a connection that ended before it came to keys."""
MOST_SECONDS = 10.0
"""As far as we go of the 15: somebody else at our address may have some as well."""


@dataclass(frozen=True)
class _Noted:
    until: float
    last: float


_noted: Final[dict[tuple[str, int], _Noted]] = {}
"""By address and port, of this process."""


def note(address: str, port: int, seconds: float) -> None:
    """An attempt has just cost so much there."""
    now = time.monotonic()
    before = _noted.get((address, port))
    begin = now if before is None else max(now, before.until)
    _noted[address, port] = _Noted(begin + seconds, seconds)


def pause(address: str, port: int) -> float:
    """Seconds until an attempt that costs as much as the last one may be made there."""
    found = _noted.get((address, port))
    if found is None:
        return 0.0
    return max(found.until + found.last - MOST_SECONDS - time.monotonic(), 0.0)
