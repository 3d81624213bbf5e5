"""What starts with the first packet that is sent to it, since most sandboxes never need it.

Until it is awake its place drops what comes for its address, so whoever asked asks again (TCP does,
after one second, two, four) and finds it there: nobody is refused. Noticing the packet is a filter
in the kernel's; an address that nobody asks costs nothing.
"""

import ctypes
import socket
import struct
import sys
import threading
from collections.abc import Callable
from ipaddress import IPv4Address

from liferaft.failures import Failure
from liferaft_sandbox.addresses import Place
from liferaft_sandbox.lab.programs import run, within

ETH_P_ALL = 0x0003
"""What is sent, not only what is received (packet(7))."""
SO_ATTACH_FILTER = 26
LOAD_BYTE, LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x30, 0x20, 0x15, 0x06
IPV4_PLAIN_HEADER = 0x45
"""Version 4, no options."""
INSTRUCTION = 8
DESTINATION = 16
"""Where an IPv4 header holds the destination."""


def gate_rules(place: Place) -> str:
    """The nft input for a place in which nothing is asleep yet. The router's own probes pass."""
    return f"""\
table ip asleep {{
  set addresses {{ type ipv4_addr; }}
  chain prerouting {{
    type filter hook prerouting priority mangle; policy accept;
    iifname "eth0" ct state new ip saddr != {place.router_side} ip daddr @addresses drop
  }}
}}
"""


def packets_for(address: IPv4Address) -> bytes:
    """The classic BPF program that passes IPv4 packets to `address` alone."""
    program = (
        (LOAD_BYTE, 0, 0, 0),
        (JUMP_IF_EQUAL, 0, 3, IPV4_PLAIN_HEADER),
        (LOAD_WORD, 0, 0, DESTINATION),
        (JUMP_IF_EQUAL, 0, 1, int(address)),
        (RETURN, 0, 0, 1),
        (RETURN, 0, 0, 0),
    )
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)


class Sleeper:
    """Something behind an address; `start` returns when it is healthy. For the router's place."""

    def __init__(self, place: Place, address: str, start: Callable[[], None]) -> None:
        """Awake until it is told to sleep."""
        self._place, self._address, self._start = place, address, start
        self._asleep = False
        self._lock = threading.Lock()

    def sleep(self) -> None:
        """From now on the next packet wakes it. What it stands for must be off."""
        with self._lock:
            if not self._asleep:
                self._gate("add")
                self._asleep = True
                ear = _ear(self._place, self._address)
                threading.Thread(target=self._listen, args=(ear,), daemon=True).start()

    def wake(self) -> None:
        """Awake when this returns. Raises what `start` raises; then it is asleep still."""
        with self._lock:
            if self._asleep:
                self._start()
                self._gate("delete")
                self._asleep = False

    def _gate(self, change: str) -> None:
        rule = f"{change} element ip asleep addresses {{ {self._address} }}\n"
        run(*within(self._place.name, "nft", "-f", "-"), given=rule)

    def _listen(self, ear: socket.socket) -> None:
        with ear:
            while self._asleep:
                ear.recv(1)
                try:
                    self.wake()
                except Failure as failure:  # nobody asked; the next packet tries again
                    print(failure, file=sys.stderr, flush=True)  # noqa: T201 - the supervisor's log


def _ear(place: Place, address: str) -> socket.socket:
    """Hears of packets that leave the router for `address`, and of no others."""
    program = packets_for(IPv4Address(address))
    code = ctypes.create_string_buffer(program, len(program))
    ear = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
    # struct sock_fprog: how many instructions, and where they are.
    header = struct.pack("HP", len(program) // INSTRUCTION, ctypes.addressof(code))
    ear.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, header)
    ear.bind((f"to-{place.name}", ETH_P_ALL))
    return ear
