"""Ports for programs that have to be told theirs before they listen."""

import random
import socket
from typing import Final

_BELOW_EPHEMERAL: Final = range(20_000, 32_000)
"""The kernel gives none of these to whoever asks for any port, nor to outgoing connections."""


def quiet_port() -> int:
    """A port of the loopback that nobody has, over TCP and UDP, and that nobody gets by chance."""
    while True:
        port = random.choice(_BELOW_EPHEMERAL)
        try:
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                with socket.socket(type=kind) as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return port
