"""Which archive on the operator's machine holds each image, and where those come from that none of
app.images does. Asks nobody but the operator's disk.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from liferaft.compose.image_name import is_found, named_registry, of_registry, whole
from liferaft.compose.service import Service
from liferaft.config import Config
from liferaft.config.images import ImageSource
from liferaft.failures import BadInput
from liferaft.hosts import archives
from liferaft.site.roster import roster
from liferaft.site.workload import wanted

FOLDER: Final = Path(".liferaft") / "images"
"""Beside liferaft.toml. No part of a blueprint, as everything that begins with a dot."""


@dataclass(frozen=True)
class ImageAsked:
    """An image that is brought to the operator's machine.

    Attributes:
        image: as the Compose file calls it.
        source: from where.
        architecture: of the servers that run it.
        pinned: the digest that the Compose file asks for; nothing where it asks for none.
        archive: where it lies once it is brought, whatever it is then.
    """

    image: str
    source: ImageSource
    architecture: str
    archive: Path
    pinned: str = ""

    @property
    def name(self) -> str:
        """By which podman has it on a server."""
        return whole(self.image) if self.source is ImageSource.LOCAL else of_registry(self.image)

    @property
    def places(self) -> tuple[str, ...]:
        """Where it is looked for, in skopeo's words, the first one first."""
        if self.source is ImageSource.REGISTRY:
            name = of_registry(self.image)
            by_digest = f"{name.rpartition(':')[0]}@{self.pinned}"
            return (f"docker://{by_digest if self.pinned else name}",)
        names = dict.fromkeys((whole(self.image), of_registry(self.image)))
        engine = (f"docker-daemon:{self.image}",)
        return (*(f"containers-storage:{name}" for name in names), *engine)


def archives_of(config: Config) -> tuple[Path, ...]:
    """Every archive that a deploy delivers. Raises BadInput. Blocks."""
    return (*config.app.archives, *(one.archive for one in asked(config)))


def archives_here(config: Config) -> tuple[Path, ...]:
    """Those that are on this machine now, whatever the Compose file asks for. Blocks."""
    brought = sorted(folder(config).glob("*.oci.tar")) if config.file else []
    return (*(path for path in config.app.archives if path.is_file()), *brought)


def asked(config: Config) -> tuple[ImageAsked, ...]:
    """Images that are brought here before anything runs: all of them, or those that no archive of
    app.images holds and whose names have a registry. Raises BadInput. Blocks."""
    services = wanted(config).services
    images = sorted({(service.image, service.pinned) for service in services.values()})
    source = config.app.images
    if not isinstance(source, ImageSource):
        source, held = ImageSource.REGISTRY, tuple[str, ...]()
        images = [one for one in images if named_registry(one[0])]
        if images:
            held = tuple(name for path in config.app.archives for name in archives.read(path).names)
        images = [one for one in images if not is_found(one[0], held)]
    built = {image: _architectures(config, services, image) for image, _ in images}
    _require_one_of_each([image for image, _ in images], built)
    return tuple(
        _asked(config, image, source, min(built[image]), pinned) for image, pinned in images
    )


def folder(config: Config) -> Path:
    """Where brought archives lie. Raises BadInput for a configuration that no file holds."""
    if config.file is None:
        raise BadInput("The configuration was not read from a file")
    return config.file.parent / FOLDER


def _require_one_of_each(images: Sequence[str], built: Mapping[str, Collection[str]]) -> None:
    """Raise BadInput for a name that would stand for two images: on a server it is one."""
    wrong = [f"{one} is asked for by two digests" for one, n in Counter(images).items() if n > 1]
    wrong += [f"{one} runs on servers of two architectures" for one in built if len(built[one]) > 1]
    if wrong:
        raise BadInput(
            "\n".join(wrong),
            safe="Nothing was done.",
            do="Give each of these images a name or tag of its own in the Compose file.",
        )


def _architectures(config: Config, services: Mapping[str, Service], image: str) -> frozenset[str]:
    """Those of the servers that run it."""
    return frozenset(
        config.servers[seat.group].architecture
        for seat in roster(config).seats
        if any(name in services and services[name].image == image for name in seat.services)
    )


def _asked(
    config: Config, image: str, source: ImageSource, architecture: str, pinned: str
) -> ImageAsked:
    """What is the same image has the same place."""
    told = f"{image}\0{source}\0{architecture}\0{pinned}".encode()
    readable = image.rpartition("/")[2].partition(":")[0][:40]
    called = f"{readable}-{hashlib.sha256(told).hexdigest()[:12]}.oci.tar"
    return ImageAsked(image, source, architecture, folder(config) / called, pinned)
