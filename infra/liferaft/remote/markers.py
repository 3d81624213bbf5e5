"""A marker is a small file written LAST, atomically: what it names is complete.

It lets a run that was killed go on without doing anything twice.
"""

import shlex
from typing import Final

from liferaft.remote.acts import QUICK, act
from liferaft.remote.contract import Host

MARKERS: Final = "/var/lib/liferaft/data"


async def mark(host: Host, name: str, marker: str) -> None:
    """Says for good that the act `name` is complete for `marker`; durable on return."""
    path = shlex.quote(f"{MARKERS}/{name}")
    script = (
        f"umask 022; mkdir -p {MARKERS} && cat > {path}.new && sync {path}.new"
        f" && mv {path}.new {path} && sync {MARKERS}"
    )
    await act(host, ["bash", "-c", script], stdin=marker.encode(), doing=f"Marking {name} done")


async def unmark(host: Host, name: str) -> None:
    await act(host, ["rm", "-f", f"{MARKERS}/{name}"], doing=f"Taking back the marker {name}")


async def is_marked(host: Host, name: str, marker: str) -> bool:
    return await marker_of(host, name) == marker


async def marker_of(host: Host, name: str) -> str | None:
    """What the act `name` is complete for; None where nothing says so."""
    completed = await host.run(["cat", f"{MARKERS}/{name}"], deadline=QUICK, check=False)
    return completed.text if completed.exit_code == 0 else None
