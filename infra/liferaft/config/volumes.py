"""The table [volumes]: what becomes of places of the Compose file in which services write."""

from pydantic import Field

from liferaft.config.fields import Filled
from liferaft.config.section import Section


class VolumesConfig(Section):
    """ephemeral: volumes that may be lost at a failover, as the Compose file calls them: a name, a
    folder (`./cache`), or SERVICE:/path for one without a name. files: folders beside the Compose
    file that hold files of the operator's and go to the servers, where nothing writes in them."""

    ephemeral: tuple[Filled, ...] = Field(
        default=(), description='a list of volumes as the Compose file calls them, such as "cache"'
    )
    files: tuple[Filled, ...] = Field(
        default=(), description='a list of folders beside the Compose file, such as "./conf.d"'
    )
