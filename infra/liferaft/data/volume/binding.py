"""From configuration, secrets and vaults of a site to its volumes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from liferaft.data.sealed import seals
from liferaft.data.volume.dataset import Volume, VolumeInVaults
from liferaft.data.volume.places import volume_of

if TYPE_CHECKING:
    from liferaft.site.world import World


async def volume_in_vaults(
    world: "World", name: str, epochs: Sequence[int] = (), as_of: str | None = None
) -> VolumeInVaults:
    """One data set of kind volume at this site. epochs: of a restore, the newest first."""
    place = volume_of(world.site.config, name)
    each = await seals(world)
    return VolumeInVaults(tuple(Volume(place, one, epochs, as_of=as_of) for one in each))
