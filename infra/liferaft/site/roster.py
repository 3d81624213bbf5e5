"""Which servers a site has and what each of them is for. Pure, from the configuration."""

from dataclasses import dataclass

from liferaft.clouds.systems import DEFAULT_SYSTEM, System
from liferaft.config import Config
from liferaft.failures import BadInput


@dataclass(frozen=True)
class Seat:
    """One server of a site: `db-1` of group `db`."""

    name: str
    group: str
    services: tuple[str, ...]
    """Services of the Compose file that it runs; empty on a server for data alone."""
    runs: tuple[str, ...] = ()
    """The words under `runs` that mean data: whose programs it runs."""

    @property
    def runs_data(self) -> bool:
        """Whether it runs the program of a kind of data."""
        return bool(self.runs)


@dataclass(frozen=True)
class Roster:
    """All servers of a site, the same at every site, and what they run."""

    seats: tuple[Seat, ...]
    system: System = DEFAULT_SYSTEM

    @property
    def database(self) -> Seat:
        """The server that runs the program of the app's data."""
        return next(seat for seat in self.seats if seat.runs_data)

    def running(self, program: str) -> Seat:
        """The server that runs this program, by its word under `runs`. Raises KeyError."""
        found = next((seat for seat in self.seats if program in seat.runs), None)
        if found is None:
            raise KeyError(program)
        return found

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

    Raises BadInput when none runs the program of a data set, or none runs the application.
    """
    programs = config.run_by_servers
    seats = tuple(
        Seat(
            name=f"{group}-{number}",
            group=group,
            services=tuple(one for one in server.runs if one not in programs),
            runs=tuple(one for one in server.runs if one in programs),
        )
        for group, server in config.servers.items()
        for number in range(1, server.count + 1)
    )
    if not any(seat.runs for seat in seats):
        raise BadInput(
            "No server runs a database",
            safe="Nothing was done.",
            do="Declare one, a table [data.NAME], and name its kind under `runs` of one group with "
            "count = 1.",
        )
    if not any(seat.services for seat in seats):
        raise BadInput(
            "No server runs a service of the Compose file",
            safe="Nothing was done.",
            do='Give a group `runs = ["web"]`, naming services of the Compose file.',
        )
    return Roster(seats, config.system)
