"""The servers of a site that run services, as those of the Compose file meet them."""

from dataclasses import replace

from liferaft.compose import application
from liferaft.compose.across import Station
from liferaft.compose.application import Compose
from liferaft.site.outputs import SiteOutputs
from liferaft.site.roster import Roster, Seat


def planned(seats: Roster) -> tuple[Station, ...]:
    """What is known before the servers are there: they have no addresses. In order of seats. Pure.

    A server is told from others of its group by its address alone.
    """
    return tuple(_station(seats, seat) for seat in seats.app)


def standing(seats: Roster, outputs: SiteOutputs) -> dict[str, Station]:
    """By server. Raises SiteIncomplete for one that is not there."""
    return {
        seat.name: replace(_station(seats, seat), address=outputs.server(seat.name).private_address)
        for seat in seats.app
    }


def _station(seats: Roster, seat: Seat) -> Station:
    return Station(seat.services, faces_users=seat == seats.edge, has_database=seat.runs_data)


def serving(seats: Roster, whole: Compose) -> tuple[Seat, ...]:
    """Servers where Caddy finds the application, the one that Caddy is on first. Pure.

    Where none would be found, which no deploy and no failover begins with, all are asked.
    """
    facing = {name for name, each in whole.services.items() if application.faces_users(each)}
    return tuple(seat for seat in seats.app if facing.intersection(seat.services)) or seats.app
