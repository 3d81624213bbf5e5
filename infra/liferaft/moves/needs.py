"""Which Debian packages a server needs for what it does. Pure: rooms declare, moves add up."""

from liferaft.data.bucket_program import NEEDS as BUCKET
from liferaft.data.postgres.configuration import NEEDS as POSTGRES
from liferaft.edge.proxy import PACKAGES as EDGE
from liferaft.hosts.workload import PACKAGES as WORKLOAD
from liferaft.site.roster import Roster, Seat

EVERYWHERE = ("ca-certificates", "curl")
"""Every server reaches the vault by itself."""
SEALED = ("rclone",)
"""What brings images and certificates from the vault."""


def all_packages(roster: Roster) -> tuple[str, ...]:
    """What any of the servers needs, sorted: what is installed ahead, whichever it will be."""
    return tuple(sorted({name for seat in roster.seats for name in packages(roster, seat)}))


def packages(roster: Roster, seat: Seat) -> tuple[str, ...]:
    """What has to be installed on this server, sorted."""
    wanted = {*EVERYWHERE}
    if seat.database:
        wanted.update(POSTGRES.packages)
    if seat.services:
        wanted.update(WORKLOAD, SEALED)
    if seat == roster.edge:
        wanted.update(EDGE, SEALED)
    if seat.database or seat == roster.edge:
        wanted.update(BUCKET.packages)
    return tuple(sorted(wanted))
