"""Which Debian packages a server needs for what it does. Pure: rooms declare, moves add up."""

from liferaft.config import Config
from liferaft.data import registry
from liferaft.edge.proxy import PACKAGES as EDGE
from liferaft.edge.proxy import UNIT as EDGE_UNIT
from liferaft.hosts.workload import PACKAGES as WORKLOAD
from liferaft.site.roster import Roster, Seat, roster

EVERYWHERE = ("ca-certificates", "curl")
"""Every server reaches the vault by itself."""


def all_packages(config: Config) -> tuple[str, ...]:
    """What any of the servers needs, sorted: what is installed ahead, whichever it will be."""
    seats = roster(config)
    return tuple(sorted({name for seat in seats.seats for name in packages(config, seats, seat)}))


def idle_units(config: Config) -> tuple[str, ...]:
    """What packages start by themselves, sorted: on a machine that is not in use it is stopped."""
    started = (unit for kind in registry.kinds_of(config) for unit in kind.units())
    return tuple(sorted({EDGE_UNIT, *started}))


def packages(config: Config, seats: Roster, seat: Seat) -> tuple[str, ...]:
    """What has to be installed on this server, sorted."""
    wanted = {*EVERYWHERE}
    if seat.services:
        wanted.update(WORKLOAD)
    if seat == seats.edge:
        wanted.update(EDGE)
    for kind in registry.kinds_of(config):
        wanted.update(kind.packages(seats, seat))
        wanted.update(kind.asked_packages(config, seat))
    return tuple(sorted(wanted))
