"""Which servers a site has and what each of them is for. Pure, from the configuration."""

from dataclasses import dataclass

from liferaft.config import Config
from liferaft.failures import BadInput

POSTGRES = "postgres"


@dataclass(frozen=True)
class Seat:
    """One server of a site: `db-1` of group `db`."""

    name: str
    group: str
    services: tuple[str, ...]
    """Services of the Compose file that it runs; empty on a server for the database alone."""
    database: bool


@dataclass(frozen=True)
class Roster:
    """All servers of a site, the same at every site."""

    seats: tuple[Seat, ...]

    @property
    def database(self) -> Seat:
        """The server that runs PostgreSQL."""
        return next(seat for seat in self.seats if seat.database)

    @property
    def app(self) -> tuple[Seat, ...]:
        """The servers that run the application."""
        return tuple(seat for seat in self.seats if seat.services)

    @property
    def edge(self) -> Seat:
        """The server at the site's reserved address, with Caddy in front of the application."""
        return self.app[0]


def roster(config: Config) -> Roster:
    """The servers that the configuration asks for.

    Raises BadInput when no server or more than one runs PostgreSQL, or none runs the application.
    """
    seats = tuple(
        Seat(
            name=f"{group}-{number}",
            group=group,
            services=tuple(one for one in server.runs if one != POSTGRES),
            database=POSTGRES in server.runs,
        )
        for group, server in config.servers.items()
        for number in range(1, server.count + 1)
    )
    databases = [seat.name for seat in seats if seat.database]
    if len(databases) != 1:
        raise BadInput(
            f"Exactly one server runs postgres, here: {', '.join(databases) or 'none'}",
            safe="Nothing was done.",
            do='Give one group with count = 1 `runs = ["postgres"]`.',
        )
    if not any(seat.services for seat in seats):
        raise BadInput(
            "No server runs a service of the Compose file",
            safe="Nothing was done.",
            do='Give a group `runs = ["web"]`, naming services of the Compose file.',
        )
    return Roster(seats)
