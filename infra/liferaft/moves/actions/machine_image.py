"""A machine image with everything installed: built on a server that is deleted afterwards."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from liferaft.clouds.control_plane import Patience
from liferaft.clouds.kinds import MACHINE_IMAGE, MachineImageSpec, ServerFacts
from liferaft.clouds.lookup import resource
from liferaft.failures import Own, VendorFailure
from liferaft.hosts import packages
from liferaft.hosts.sealing import seal_server
from liferaft.moves.actions.servers import INSTALL_SECONDS
from liferaft.moves.builder import NAME, Builder, builder_of
from liferaft.plan.telling import tell
from liferaft.remote import Host, HostKeyMismatch, connect
from liferaft.remote.waiting import wait_until
from liferaft.secrets import public_key
from liferaft.site.machine_images import (
    MachineImageRecord,
    built_machine_images,
    keep_machine_image,
    machine_image_of,
    short_name,
)
from liferaft.site.servers import CONNECT_SECONDS
from liferaft.site.world import World
from liferaft.vault import Damaged

_KEY_SECONDS = 120.0
"""How long a server may show keys of its image: sshd starts before the user data has run."""


class MachineImageNotMade(VendorFailure):
    """There is no new image; servers boot from what they booted from before."""


@dataclass(frozen=True)
class StartBuilder:
    """A server of the cloud's own Debian runs, and lets us in."""

    site: str
    epoch: int

    async def holds(self, world: World) -> bool:
        """Never said from here: creating finds what is there."""
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        builder = await builder_of(world.site, self.epoch)
        facts = await asyncio.to_thread(builder.server)
        return {"server": facts.id, "type": facts.chosen_type}

    async def prove(self, world: World) -> None:
        async with _enter_builder(await builder_of(world.site, self.epoch)) as (_, host):
            await host.run(["true"], deadline=30)


@dataclass(frozen=True)
class InstallPackages:
    """Everything that any server of the application needs is installed on the builder."""

    site: str
    epoch: int
    packages: tuple[str, ...]

    async def holds(self, world: World) -> bool:
        async with _enter_builder(await builder_of(world.site, self.epoch)) as (_, host):
            return not await packages.missing(host, self.packages)

    async def apply(self, world: World) -> Mapping[str, Any]:
        async with _enter_builder(await builder_of(world.site, self.epoch)) as (_, host):
            installed = await packages.install(host, self.packages, deadline=INSTALL_SECONDS)
        return {"installed": len(installed)}

    async def prove(self, world: World) -> None:
        if not await self.holds(world):
            raise MachineImageNotMade(
                f"The builder at {self.site} lacks packages that were just installed",
                safe="No image was made.",
                do="Run the same command again.",
            )


@dataclass(frozen=True)
class CaptureMachineImage:
    """An image of the builder's disk is whole at the cloud, and new servers boot from it."""

    site: str
    epoch: int
    image: str
    packages: tuple[str, ...]
    units: tuple[str, ...]
    """Services that the packages have started, and that write no more when the disk is copied."""

    async def holds(self, world: World) -> bool:
        try:
            kept = await asyncio.to_thread(machine_image_of, world.site.vault, self.site)
        except Damaged:
            return False  # this build writes it anew
        return kept is not None and kept.name == self.image

    async def apply(self, world: World) -> Mapping[str, Any]:
        builder = await builder_of(world.site, self.epoch)
        async with _enter_builder(builder) as (facts, host):
            await seal_server(host, self.units)
        spec = MachineImageSpec(short_name(self.image), facts.id)
        things, owner = resource(builder.cloud, MACHINE_IMAGE), builder.owner(self.image)
        cloud, most = builder.cloud.name, Patience().imaged / 60
        tell(f"{cloud} copies the disk, which takes minutes; {most:.0f} at most are waited for")
        made = await asyncio.to_thread(things.create, spec, owner)
        where, system = world.site.config.sites[self.site], world.site.config.system
        place = (where.cloud, where.region)
        kept = MachineImageRecord(made.id, self.image, *place, self.packages, system)
        await asyncio.to_thread(keep_machine_image, world.site.vault, self.site, kept)
        return {"image": made.id}

    async def prove(self, world: World) -> None:
        """The cloud itself knows it."""
        kept = await asyncio.to_thread(machine_image_of, world.site.vault, self.site)
        cloud = (await builder_of(world.site, self.epoch)).cloud
        known = kept and await asyncio.to_thread(cloud.kinds["machine_image"].read, kept.id)
        if not known:
            raise MachineImageNotMade(
                f"The cloud of {self.site} does not know the image that was just made",
                safe=Own("Servers boot from the cloud's own Debian until there is an image."),
                do="Run the same command again.",
            )


@dataclass(frozen=True)
class RemoveBuilder:
    """The builder is gone, and so are images of earlier builds."""

    site: str
    epoch: int

    async def holds(self, world: World) -> bool:
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        builder = await builder_of(world.site, self.epoch)
        await asyncio.to_thread(builder.remove)
        kept = await asyncio.to_thread(machine_image_of, world.site.vault, self.site)
        images = builder.cloud.kinds["machine_image"]
        rows = await asyncio.to_thread(
            built_machine_images, builder.cloud, app=builder.app, site=self.site
        )
        older = [row for row in rows if kept is not None and row.id != kept.id]
        for row in older:
            await asyncio.to_thread(images.delete, row.id)
        return {"removed": [row.name for row in older]}

    async def prove(self, world: World) -> None:
        builder = await builder_of(world.site, self.epoch)
        left = await asyncio.to_thread(builder.rows, "server")
        if left:
            raise MachineImageNotMade(
                f"The builder at {self.site} is still there: {left[0].id}",
                safe=Own("The image is whole and will be used."),
                do="Run the same command again.",
            )


@asynccontextmanager
async def _enter_builder(builder: Builder) -> AsyncIterator[tuple[ServerFacts, Host]]:
    """The builder, and a connection to it for as long as the block runs."""
    facts = await asyncio.to_thread(builder.server)
    opened: list[Host] = []

    async def lets_us_in() -> bool:
        try:
            opened.append(
                await connect(
                    facts.public_address,
                    client_key=builder.secrets.ssh_private_key,
                    host_keys=[public_key(builder.secrets.throw_away_host_key(builder.site, NAME))],
                    deadline=CONNECT_SECONDS,
                )
            )
        except HostKeyMismatch:
            return False
        return True

    if not await wait_until(lets_us_in, seconds=_KEY_SECONDS):
        raise MachineImageNotMade(
            f"Server {facts.id} at {facts.public_address} does not prove to be the builder",
            safe=Own("Nothing was sent to it."),
            do=f"Look whether its user data has run; then `liferaft image build {builder.site}`.",
        )
    try:
        yield facts, opened[0]
    finally:
        await opened[0].close()
