"""Which container asked for a name: the questions that pass the bridges, read beside their way.

What asks outside for containers is podman's own resolver, a process of the host; it does not say
for whom.
"""

import socket
import struct
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Final

from .wire import Lookup, NoQuestion, question

KEPT_SECONDS: Final = 10.0
"""How long a container may wait for an answer before it is forgotten that it asked: podman's own
resolver asks more than once for one question."""
_MOST: Final = 64
_EVERYTHING: Final = 3
_IPV4: Final = 0x0800
_UDP: Final = 17
_PORT: Final = 53
_LONGEST: Final = 2048


@dataclass
class Lookups:
    """Who asked for which name lately, by address."""

    by_name: dict[str, deque[tuple[float, str]]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=_MOST))
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, name: str, address: str, at: float) -> None:
        with self._lock:
            self.by_name[name].append((at, address))
            if len(self.by_name) > _MOST * _MOST:
                self._forget(at)

    def askers(self, name: str, at: float) -> list[str]:
        """Each once, the last first."""
        with self._lock:
            found = self.by_name.get(name, ())
            recent = [address for when, address in found if at - when < KEPT_SECONDS]
        return list(dict.fromkeys(reversed(recent)))

    def _forget(self, at: float) -> None:
        old = [
            name
            for name, asked in self.by_name.items()
            if not asked or at - asked[-1][0] >= KEPT_SECONDS
        ]
        for name in old:
            del self.by_name[name]


def watch(questions: Lookups) -> None:
    """Read what passes podman's bridges, for ever."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_EVERYTHING)) as reading:
        while True:
            packet, (interface, protocol, kind, *_) = reading.recvfrom(_LONGEST)
            if protocol != _IPV4 or kind == socket.PACKET_OUTGOING:
                continue
            asked = asked_in(packet) if interface.startswith("podman") else None
            if asked is not None:
                questions.note(asked[0].name, asked[1], time.time())


def asked_in(packet: bytes) -> tuple[Lookup, str] | None:
    """The question in an IPv4 packet, and who asks; None for any other packet. Pure."""
    header = (packet[0] & 0x0F) * 4 if packet else 0
    if len(packet) < header + 8 or packet[9] != _UDP:
        return None
    (port,) = struct.unpack_from(">H", packet, header + 2)
    if port != _PORT:
        return None
    try:
        return question(packet[header + 8 :]), socket.inet_ntoa(packet[12:16])
    except NoQuestion:
        return None
