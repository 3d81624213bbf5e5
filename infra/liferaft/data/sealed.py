"""The vaults as servers of a site see them: everything in them encrypted."""

from typing import TYPE_CHECKING

from liferaft.data.rclone import CryptSecrets, Sealed
from liferaft.site.reach import vault_access, vault_accesses

if TYPE_CHECKING:
    from liferaft.site.world import World


async def sealed(world: "World") -> Sealed:
    """The first one, with the seal of the application's own secrets."""
    return Sealed(vault_access(world), await seal_of(world))


async def seals(world: "World") -> tuple[Sealed, ...]:
    """All of them, in the order of liferaft.toml, under the same seal. Where there are several,
    each has files of its own on hosts: what is done with the one never waits for another."""
    seal, accesses = await seal_of(world), vault_accesses(world)
    several = len(accesses) > 1
    return tuple(Sealed(one, seal, f"-{one.name}" if several else "") for one in accesses)


async def seal_of(world: "World") -> CryptSecrets:
    """The seal of the application, which is the same in every vault."""
    secrets = await world.site.secrets()
    return CryptSecrets(
        secrets.rclone_password.get_secret_value(), secrets.rclone_salt.get_secret_value()
    )
