"""How long the disk of a database lasts: WAL stays on it until every vault has it."""

import json
from dataclasses import dataclass
from typing import Final

from liferaft.data.postgres.layout import Cluster
from liferaft.data.postgres.wal import SEGMENT_BYTES
from liferaft.remote.acts import act
from liferaft.remote.contract import Host

_BEHIND_SECONDS: Final = 60.0
"""An archive that is written every ten seconds and whose oldest waiting file is older than this
stands still."""
_ASK: Final = """
free=$(df --output=avail -B1 "$1" | tail -n 1)
cd "$1/pg_wal/archive_status"
waiting=$(find . -name '*.ready' | wc -l)
oldest=$(find . -name '*.ready' -printf '%T@\\n' | sort -n | head -n 1)
printf '{"free": %s, "waiting": %s, "oldest": %s, "now": %s}' \\
    "$free" "$waiting" "${oldest:-null}" "$(date +%s.%N)"
"""


@dataclass(frozen=True)
class Space:
    """What the disk of a database has left.

    free: bytes. waiting: files of WAL that some vault does not have yet. behind: seconds for which
    the oldest of them has waited; None when nothing waits.
    """

    free: int
    waiting: int
    behind: float | None

    @property
    def lasts(self) -> float | None:
        """Seconds until the disk is full, if it goes on as it did since the archive stands still;
        None while it does not."""
        if self.behind is None or self.behind < _BEHIND_SECONDS:
            return None
        return self.free / (self.waiting * SEGMENT_BYTES / self.behind)


async def measure(host: Host, cluster: Cluster) -> Space:
    """Asked of the server itself: it does not need the vault for that."""
    script = ["bash", "-euc", _ASK, "-", cluster.data]
    answer = await act(host, script, doing="Asking for the database's disk")
    told = json.loads(answer)
    behind = None if told["oldest"] is None else max(0.0, told["now"] - told["oldest"])
    return Space(told["free"], told["waiting"], behind)
