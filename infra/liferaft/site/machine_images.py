"""Which machine image a site boots from: a record in the vault, written when an image is whole."""

import asyncio
import json
import logging
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from liferaft.clouds.contract import Cloud, Owned, Owner, Unsupported
from liferaft.clouds.kinds import MACHINE_IMAGE
from liferaft.clouds.lookup import resource
from liferaft.clouds.registry import entry
from liferaft.clouds.systems import FORMER_SYSTEM
from liferaft.config import Config
from liferaft.site.site import Site
from liferaft.vault import Damaged, KeyMissing, Vault, layout

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MachineImageRecord:
    """An image with everything installed.

    Attributes:
        id: the cloud's own id of it.
        name: the build that made it, `20261122T140507Z`.
        cloud: where it lies, with the region: an id means nothing elsewhere.
        region: as above.
        packages: what is installed in it.
        system: what servers run that boot from it.
    """

    id: str
    name: str
    cloud: str
    region: str
    packages: tuple[str, ...]
    system: str = FORMER_SYSTEM


def machine_image_of(vault: Vault, site: str) -> MachineImageRecord | None:
    """The image that new servers of a site boot from; None for the cloud's own Debian. Blocks.

    Raises Damaged.
    """
    try:
        body = vault.get(layout.machine_image(site))
    except KeyMissing:
        return None
    except Damaged as damage:
        raise damage.mended_by(f"Make a new image: `liferaft image build {site}`.") from None
    told = json.loads(body)
    return MachineImageRecord(**{**told, "packages": tuple(told["packages"])})


def keep_machine_image(vault: Vault, site: str, image: MachineImageRecord) -> None:
    """From now on new servers of the site boot from this image. Durable on return. Blocks."""
    vault.put(layout.machine_image(site), json.dumps(asdict(image)).encode())


def forget_machine_image(vault: Vault, site: str) -> None:
    """New servers boot from the cloud's own Debian again. Blocks."""
    vault.delete(layout.machine_image(site))


def short_name(build: str) -> str:
    """What an image of that build is called at its cloud, behind app and site."""
    return f"image-{build.lower()}"


_BUILD = re.compile(r"image-(\d{8}t\d{6}z)")


def owner_of(part: str, *, app: str, site: str, epoch: int) -> Owner:
    """The owner of a thing that a build makes: one of the builder's own, or the image of the build
    `part`."""
    urn = f"urn:liferaft:machine-image::{app}::{site}::{part}"
    return Owner.of(urn, app=app, site=site, epoch=epoch)


def built_machine_images(cloud: Cloud, *, app: str, site: str) -> Sequence[Owned]:
    """Every image at the cloud that a build made, also one that was killed before it was noted. An
    image that the site's own program made is none. Blocks; raises CloudFailure."""

    def is_ours(row: Owned) -> bool:
        build = _BUILD.search(row.name)
        return build is not None and (
            owner_of(build[1].upper(), app=app, site=site, epoch=0).token in row.labels.values()
        )

    listed = resource(cloud, MACHINE_IMAGE).owned_by(app=app, site=site)
    return [row for row in listed if is_ours(row)]


def require_machine_images(config: Config, site: str) -> None:
    """Raise Unsupported for a site at a cloud that has no machine images."""
    cloud = config.sites[site].cloud
    if MACHINE_IMAGE.name not in entry(cloud).kinds:
        raise Unsupported(
            f"{cloud} has no machine images: the machines of {site} boot from their own disks",
            safe="Nothing was touched.",
            do="There is nothing to delete. What to install on the machines ahead is told by "
            f"`liferaft image build {site}`.",
        )


async def delete_machine_images(site: Site) -> Sequence[str]:
    """The site has no machine image any more, neither in the vault nor at its cloud; the
    ids of those that it had there.

    It is forgotten first: nothing must boot from what is being deleted. Killed in between, the same
    call finds it at the cloud. Raises CloudFailure; Unsupported where there are no images.
    """
    cloud = site.cloud()
    images = resource(cloud, MACHINE_IMAGE)
    await asyncio.to_thread(forget_machine_image, site.vault, site.name)
    rows = await asyncio.to_thread(
        built_machine_images, cloud, app=site.config.app.name, site=site.name
    )
    for row in rows:
        await asyncio.to_thread(images.delete, row.id)
    return [row.id for row in rows]


async def bootable(site: Site) -> str | None:
    """The id of the image that new servers of the site boot from now.

    None where there is none, its record is damaged, it is of another system, or the cloud does not
    have it any more: then they boot from its own Debian, and packages are installed on each.
    Raises CloudFailure.
    """
    try:
        image = await asyncio.to_thread(machine_image_of, site.vault, site.name)
    except Damaged as damage:
        _log.warning("%s: servers boot from the cloud's own Debian. %s", damage, damage.facts.do)
        return None
    declared = site.declared
    if image is None or (image.cloud, image.region) != (declared.cloud, declared.region):
        return None
    if image.system != site.config.system:
        _log.warning(
            "The machine image of %s is of %s: servers boot from the cloud's own %s. "
            "Make a new one: liferaft image build %s",
            *(site.name, image.system, site.config.system, site.name),
        )
        return None
    images = resource(site.cloud(), MACHINE_IMAGE)
    if await asyncio.to_thread(images.read, image.id) is None:
        _log.warning(
            "%s does not have image %s any more: servers boot from its own Debian. "
            "Make a new one: liferaft image build %s",
            *(declared.cloud, image.id, site.name),
        )
        return None
    return image.id
