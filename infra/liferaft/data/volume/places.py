"""Where a volume is: on which server of a site, and what podman calls it there."""

from dataclasses import dataclass

from liferaft.compose.volume_name import volume_name
from liferaft.config import Config
from liferaft.data.volume.config import VolumeConfig
from liferaft.hosts.workload import PROJECT
from liferaft.site.roster import Roster, Seat, roster


@dataclass(frozen=True)
class VolumeOnServer:
    """One volume of the app, the same at every site."""

    name: str
    """The data set's."""
    told: VolumeConfig
    server: str
    service: str
    """The one in whose container commands run; empty where there are none."""

    @property
    def called(self) -> str:
        """What podman calls it, as Compose names volumes of a project."""
        return f"{PROJECT}_{self.part}"

    @property
    def part(self) -> str:
        """What it is called within the project, with which a new one is labelled."""
        return volume_name(self.told.volume)


def volume_of(config: Config, name: str) -> VolumeOnServer:
    """The data set of that name; one that liferaft.toml does not name any more is looked at on the
    server that users are led to."""
    told = config.data.get(name)
    if not isinstance(told, VolumeConfig):
        gone = VolumeConfig(kind="volume", volume=name)
        return VolumeOnServer(name, gone, roster(config).edge.name, "")
    seat = _seat(roster(config), told)
    return VolumeOnServer(name, told, seat.name, told.service or "")


def has_volume(roster: Roster, seat: Seat) -> bool:
    """Whether a server may have some: that of an app."""
    return seat in roster.app


def _seat(roster: Roster, told: VolumeConfig) -> Seat:
    """The one that runs the service; without one named, the only one that runs any."""
    return next(one for one in roster.app if told.service in {None, *one.services})
