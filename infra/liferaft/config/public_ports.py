"""Ports of servers that are open to everybody, as liferaft.toml names them."""

import re
from typing import Annotated, Any, Final

from pydantic import BeforeValidator

_PORT: Final = re.compile(r"(?P<first>\d{1,5})(?:-(?P<last>\d{1,5}))?(?:/(?P<protocol>tcp|udp))?")
_LARGEST: Final = 65535
PORTS_TOLD: Final = 'a list of ports such as 2222, "5349/udp" or "5000-5010/udp"'
_TAKEN: Final = {
    22: "the server's own SSH",
    80: "Caddy's",
    443: "Caddy's",
    2019: "Caddy's own, for commands",
    5432: "the database's",
    8080: "the application's own, which users reach by Caddy alone",
}


def _public_port(value: Any) -> str:
    """`2222/tcp`, `5000-5010/udp`. Raises ValueError."""
    written = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    match = _PORT.fullmatch(written) if isinstance(written, str) else None
    if match is None:
        raise ValueError(f"{value!r} is no port")
    first = int(match["first"])
    last = int(match["last"] or first)
    if not 0 < first <= last <= _LARGEST:
        raise ValueError(f"{value!r} is no port from 1 to {_LARGEST}")
    protocol = match["protocol"] or "tcp"
    for port, whose in _TAKEN.items():
        if first <= port <= last and protocol == "tcp":
            raise ValueError(f"port {port} is {whose}")
    if first <= 443 <= last:  # noqa: PLR2004 - the port of https
        raise ValueError("port 443 is Caddy's, of UDP too")
    return f"{match['first']}{f'-{last}' if match['last'] else ''}/{protocol}"


PublicPort = Annotated[str, BeforeValidator(_public_port)]


def numbers(port: str) -> tuple[range, str]:
    """The numbers of an accepted one, and `tcp` or `udp`."""
    ports, _, protocol = port.partition("/")
    first, _, last = ports.partition("-")
    return range(int(first), int(last or first) + 1), protocol
