"""Block volumes: loop devices on sparse files.

A machine sees its volumes in a folder of device nodes that is its /dev/disk/by-id: what is put
there or taken away shows at once, and is there again after a reboot. Loop devices are the kernel's
own, outside of any namespace: each is told to clear itself when its last user is gone, and this
process is one, so none outlives its lab.
"""

import errno
import fcntl
import os
import shutil
import stat
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from liferaft_sandbox.failures import MachineLacks, SandboxFailed
from liferaft_sandbox.lab.machines import Attached, Disk

GIB = 2**30
CONTROL = Path("/dev/loop-control")
LOOP_MAJOR = 7
ATTEMPTS = 20
"""Somebody else on the machine may take the device that the kernel named as free."""
# linux/loop.h
LOOP_CTL_GET_FREE = 0x4C82
LOOP_CONFIGURE = 0x4C0A
LOOP_SET_CAPACITY = 0x4C07
LO_FLAGS_AUTOCLEAR = 4
# struct loop_config: fd, block size, then loop_info64 up to its flags, its names, its reserve.
LOOP_CONFIG = struct.Struct("=II5Q4I64s64s32s2Q8Q")


@dataclass
class Volume:
    """One that exists."""

    disk: Disk
    file: Path
    descriptor: int
    """Of the loop device, open as long as the volume is there."""

    @property
    def device(self) -> int:
        """The number of the loop device."""
        return os.fstat(self.descriptor).st_rdev

    def grow(self, size: int) -> None:
        """To `size` GiB; machines see it at once."""
        os.truncate(self.file, size * GIB)
        fcntl.ioctl(self.descriptor, LOOP_SET_CAPACITY)
        self.disk = Disk(self.disk.id, size)

    def delete(self) -> None:
        """With everything on it. A machine that has it mounted still holds it a while."""
        os.close(self.descriptor)
        self.file.unlink()


class Disks:
    """The volumes of one cloud."""

    def __init__(self, folder: Path, nodes: Path) -> None:
        """folder: where the files are. nodes: where device nodes may be, private to the lab."""
        self._folder = folder
        self._nodes = nodes
        self._volumes: dict[str, Volume] = {}

    def make(self, desired: Iterable[Disk]) -> None:
        """All of these exist and have their size. Raises SandboxFailed when one would shrink."""
        for disk in desired:
            volume = self._volumes.get(disk.id)
            if volume is None:
                self._volumes[disk.id] = self._create(disk)
            elif volume.disk.size < disk.size:
                volume.grow(disk.size)
            elif volume.disk.size > disk.size:
                raise SandboxFailed(f"Disk {disk.id} cannot shrink to {disk.size} GiB.")

    def keep_only(self, desired: Iterable[Disk]) -> None:
        """Delete all others."""
        for key in self._volumes.keys() - {disk.id for disk in desired}:
            self._volumes.pop(key).delete()

    def attach(self, machine: str, disks: Iterable[Attached]) -> None:
        """The machine has exactly these. Raises SandboxFailed when one does not exist."""
        folder = self.nodes_of(machine)
        wanted = {attached.link: self._volume(attached).device for attached in disks}
        for node in folder.iterdir():
            if wanted.get(node.name) != node.stat().st_rdev:
                node.unlink()
        for link, device in wanted.items():
            if not (folder / link).exists():
                os.mknod(folder / link, stat.S_IFBLK | 0o600, device)

    def forget(self, machine: str) -> None:
        """The machine is gone."""
        shutil.rmtree(self.nodes_of(machine))

    def nodes_of(self, machine: str) -> Path:
        """The folder that is the machine's /dev/disk/by-id."""
        folder = self._nodes / machine
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _volume(self, attached: Attached) -> Volume:
        if attached.disk not in self._volumes:
            raise SandboxFailed(f"Disk {attached.disk} is attached, and it is not there.")
        return self._volumes[attached.disk]

    def _create(self, disk: Disk) -> Volume:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / disk.id
        with file.open("xb") as made:
            made.truncate(disk.size * GIB)
        self._nodes.mkdir(parents=True, exist_ok=True)
        return Volume(disk, file, loop_device(file, self._nodes / ".new"))


def loop_device(file: Path, node: Path) -> int:
    """A descriptor of a loop device on `file`, which lasts until it and all mounts are closed.

    `node` is where the device is opened from: /dev has nodes for the first few alone.
    """
    if not CONTROL.exists():
        raise MachineLacks(
            "This machine has no loop devices, which block volumes need.", do="modprobe loop"
        )
    for _ in range(ATTEMPTS):
        with CONTROL.open("rb+", buffering=0) as control:
            number = fcntl.ioctl(control, LOOP_CTL_GET_FREE)
        os.mknod(node, stat.S_IFBLK | 0o600, os.makedev(LOOP_MAJOR, number))
        try:
            device = os.open(node, os.O_RDWR | os.O_CLOEXEC)
        finally:
            node.unlink()
        try:
            with file.open("rb+", buffering=0) as backing:
                fcntl.ioctl(device, LOOP_CONFIGURE, _configuration(backing.fileno()))
        except OSError as error:
            os.close(device)
            if error.errno != errno.EBUSY:
                raise SandboxFailed(f"No loop device for {file}: {error.strerror}.") from error
            continue
        return device
    raise SandboxFailed(f"No loop device was free for {file} in {ATTEMPTS} attempts.")


def _configuration(backing: int) -> bytes:
    empty = (b"", b"", b"")
    head = (backing, 0, 0, 0, 0, 0, 0)
    return LOOP_CONFIG.pack(*head, 0, 0, 0, LO_FLAGS_AUTOCLEAR, *empty, 0, 0, *[0] * 8)
