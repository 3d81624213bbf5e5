"""The vault as servers of a site see it: everything in it encrypted."""

from typing import TYPE_CHECKING

from liferaft.data.rclone import CryptSecrets, Sealed
from liferaft.site.reach import vault_access

if TYPE_CHECKING:
    from liferaft.site.world import World


async def sealed(world: "World") -> Sealed:
    """With the seal of the application's own secrets."""
    secrets = await world.site.secrets()
    seal = CryptSecrets(
        secrets.rclone_password.get_secret_value(), secrets.rclone_salt.get_secret_value()
    )
    return Sealed(vault_access(world), seal)
