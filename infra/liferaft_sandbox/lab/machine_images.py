"""Images of machines: copies of what a machine's disk adds to the image that it booted from."""

import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from liferaft_sandbox.failures import SandboxFailed
from liferaft_sandbox.lab.machines import Image
from liferaft_sandbox.lab.programs import run
from liferaft_sandbox.lab.systems import SYSTEMS, VARIABLE

COPY_SECONDS = 300.0


@dataclass(frozen=True)
class Layers:
    """What a machine boots from, besides its own disk: folders for overlayfs, the upper first."""

    roots: tuple[Path, ...]
    containers: Path | None = None
    """What lies in /var/lib/containers at the first boot, which is a file system of its own."""


class MachineImages:
    """The images of one cloud."""

    def __init__(self, folder: Path, vendors_own: Path, system: str) -> None:
        """vendors_own: the tree of the one system whose hosts there are."""
        self._folder = folder
        self._vendors_own = Layers((vendors_own,))
        self._system = system
        self._kept: dict[str, Layers] = {}

    def missing(self, desired: Iterable[Image]) -> list[Image]:
        """Those that have to be taken now."""
        return [image for image in desired if image.id not in self._kept]

    def take(self, image: Image, disk: Path, booted_from: Layers) -> None:
        """Copy a machine's disk as it is now. The machine may run: what it has written is there."""
        target = self._folder / image.id
        target.mkdir(parents=True)
        for part in ("upper", "containers"):
            copy = ("cp", "--archive", "--reflink=auto", str(disk / part), str(target / part))
            run(*copy, seconds=COPY_SECONDS)
        roots = (target / "upper", *booted_from.roots)
        self._kept[image.id] = Layers(roots, target / "containers")

    def layers(self, image: str) -> Layers:
        """What a machine of that image boots from; the vendors' Debian for a system's name, and
        for an empty one."""
        if image in {"", self._system}:
            return self._vendors_own
        if image in SYSTEMS:
            raise SandboxFailed(
                f"Hosts of this sandbox run {self._system}, and {image} was asked for.",
                do=f"Bring one up with {VARIABLE}={image}.",
            )
        if image not in self._kept:
            raise SandboxFailed(f"There is no machine image {image}.")
        return self._kept[image]

    def keep_only(self, desired: Iterable[Image], in_use: Collection[Layers]) -> None:
        """Delete all others, but what machines or images still stand on."""
        wanted = {image.id for image in desired}
        gone = self._kept.keys() - wanted
        standing = [*in_use, *(layers for key, layers in self._kept.items() if key in wanted)]
        needed = {root for layers in standing for root in layers.roots}
        for key in gone:
            if self._folder / key / "upper" not in needed:
                shutil.rmtree(self._folder / key)
                del self._kept[key]
