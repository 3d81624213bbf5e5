"""What the servers of a site are to run of the Compose file."""

from liferaft.compose import application
from liferaft.compose.application import Compose
from liferaft.config import Config
from liferaft.site.roster import roster


def wanted(config: Config) -> Compose:
    """The services that some server runs. Raises BadInput for an unreadable Compose file."""
    runs = {name for seat in roster(config).seats for name in seat.services}
    return application.only(application.described(config), runs)
