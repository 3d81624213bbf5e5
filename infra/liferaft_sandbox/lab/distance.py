"""How far places are apart: every packet between two of them is held for a while on its way.

`tc netem` would do it where the kernel has it; many have it not. So a program holds the packets:
the router sends what comes from a place and goes to another through the device FAR, and gets it
back from there later. Addresses, ports and every protocol stay as they are. Packets pass the device
as large as TCP's segmentation offload makes them, so a fast line stays fast.
https://docs.kernel.org/networking/tuntap.html
"""

import fcntl
import os
import select
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from liferaft_sandbox.lab.programs import run

FAR: Final = "far"
"""The router's device behind which packets are held."""
_TABLE: Final = "100"
_QUEUE: Final = "20000"
"""Packets that may wait for the program: as many as come while something else has the processor."""
_CARRIER: Final = Path("/sys/class/net") / FAR / "carrier"

# linux/if_tun.h and linux/virtio_net.h.
_TUNSETIFF: Final = 0x400454CA
_TUNSETOFFLOAD: Final = 0x400454D0
_IFF_TUN, _IFF_NO_PI, _IFF_VNET_HDR = 0x0001, 0x1000, 0x4000
_CHECKSUM, _TSO4, _TSO6 = 0x01, 0x02, 0x04
_LARGEST: Final = 0xFFFF + 128
"""An IP packet at its largest, behind what the device says of it."""
_AT_ONCE: Final = 64
_AHEAD: Final = -10
"""Before hosts and users: a program that waits for its turn would hold packets longer."""


def place_apart(wires: Iterable[str], round_trip: float, log: Path) -> "subprocess.Popen[bytes]":
    """What comes in by one of `wires` and goes out by another takes half of `round_trip` seconds
    more. In the router's namespace; what the router itself sends and gets is not held.

    While the program is not there, packets are lost: nothing gets through undelayed.
    """
    run("ip", "tuntap", "add", "dev", FAR, "mode", "tun", "vnet_hdr")
    run("ip", "link", "set", FAR, "txqueuelen", _QUEUE, "up")
    # What comes back from there has sources that are routed elsewhere.
    run("sysctl", "-q", "-w", "net.ipv4.conf.all.rp_filter=0", f"net.ipv4.conf.{FAR}.rp_filter=0")
    run("ip", "route", "add", "default", "dev", FAR, "table", _TABLE)
    for wire in wires:
        run("ip", "rule", "add", "iif", wire, "lookup", _TABLE)
    with log.open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-m", __spec__.name, str(round_trip / 2)],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd="/",
        )


def probe() -> None:
    """Raises OSError while nobody holds the packets."""
    if _CARRIER.read_text().strip() != "1":
        raise ConnectionError(f"Nobody reads {FAR}.")


def hold(device: int, seconds: float) -> None:
    """Send back every packet that comes from `device` after as long, in their order. For ever."""
    held = deque[tuple[float, bytes]]()
    while True:
        wait = max(0.0, held[0][0] - time.monotonic()) if held else None
        readable, _, _ = select.select([device], [], [], wait)
        now = time.monotonic()
        if readable:
            _take_in(device, held, now + seconds)
        while held and held[0][0] <= now:
            _send(device, held.popleft()[1])


def _take_in(device: int, held: deque[tuple[float, bytes]], due: float) -> None:
    for _ in range(_AT_ONCE):
        try:
            held.append((due, os.read(device, _LARGEST)))
        except BlockingIOError:
            return


def _send(device: int, packet: bytes) -> None:
    try:
        os.write(device, packet)
    except OSError as error:  # a packet that is lost, as on any line
        print(f"lost {len(packet)} bytes: {error}", file=sys.stderr, flush=True)  # noqa: T201 - its log


def _open_device() -> int:
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    flags = _IFF_TUN | _IFF_NO_PI | _IFF_VNET_HDR
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", FAR.encode(), flags))
    fcntl.ioctl(device, _TUNSETOFFLOAD, _CHECKSUM | _TSO4 | _TSO6)
    return device


if __name__ == "__main__":
    os.setpriority(os.PRIO_PROCESS, 0, _AHEAD)
    hold(_open_device(), float(sys.argv[1]))
