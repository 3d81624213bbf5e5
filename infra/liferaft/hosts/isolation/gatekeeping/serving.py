"""Lookups that come in, each in a thread of its own: over UDP and TCP, from the host itself and
from containers."""

import socket
import socketserver
import struct
import threading
from contextlib import suppress
from typing import Any, Final

from .gatekeeper import Gatekeeper
from .upstream import read_message

_WAITS_SECONDS: Final = 10.0


class _Datagrams(socketserver.ThreadingUDPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Streams(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Datagrams6(_Datagrams):
    address_family = socket.AF_INET6


class _Streams6(_Streams):
    address_family = socket.AF_INET6


def serve(gate: Gatekeeper, port: int, bridge_port: int) -> None:
    """At `port` for the host itself; at `bridge_port` for containers, whose packets come to the
    address of their bridge. Returns when all of it listens."""

    def answer(message: bytes, protocol: str, server: Any, client: tuple[str, int]) -> bytes | None:
        container = client[0] if server.server_address[1] == bridge_port else ""
        return gate.answer(message, protocol, client[1], container=container)

    class Datagram(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            message, answering = self.request
            said = answer(message, "udp", self.server, self.client_address)
            if said is not None:
                with suppress(OSError):  # who asked has gone
                    answering.sendto(said, self.client_address)

    class Stream(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(_WAITS_SECONDS)
            with suppress(OSError):  # who asked has gone
                while True:
                    message = read_message(self.request)
                    said = answer(message, "tcp", self.server, self.client_address)
                    if said is None:
                        return
                    self.request.sendall(struct.pack(">H", len(said)) + said)

    servers: list[Any] = [
        *(_Datagrams(("127.0.0.1", port), Datagram), _Streams(("127.0.0.1", port), Stream)),
        *(_Datagrams(("0.0.0.0", bridge_port), Datagram),),  # noqa: S104 - the gate has it closed
        *(_Streams(("0.0.0.0", bridge_port), Stream),),  # noqa: S104 - the gate has it closed
    ]
    if socket.has_ipv6:
        with suppress(OSError):  # a host without IPv6
            servers += [_Datagrams6(("::1", port), Datagram), _Streams6(("::1", port), Stream)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
