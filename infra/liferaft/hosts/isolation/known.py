"""What servers ask for by themselves, whatever the application does. Pure."""

import re
from typing import Final

_BY_UNIT: Final = {
    "apt": re.compile(r"apt-daily.*|unattended-upgrades\.service|apt-news.*|esm-cache.*"),
    "the clock": re.compile(r"systemd-timesyncd\.service|chrony\.service|ntp(sec)?\.service"),
    "the cloud's own agent": re.compile(
        r"google-.*|amazon-.*|snap\.amazon.*|hc-.*|qemu-guest-agent\.service|cloud-.*"
    ),
    "Caddy's certificates": re.compile(r"caddy\.service"),
    "liferaft": re.compile(r"liferaft-(?!workload).*"),
    "the system's news": re.compile(r"motd-news\.service|fwupd.*|man-db\.service"),
}
_BY_NAME: Final = {
    "apt": re.compile(r"(.*\.)?(deb|security|ftp|cdn-[a-z]+\.deb)\.debian\.org"),
    "the clock": re.compile(r"(.*\.)?pool\.ntp\.org|time\.(google|cloudflare|aws)\.com"),
}
_CLOCK_PORT: Final = 123
_NAMES_PORT: Final = 53
"""Whatever asks there is led to the gate, but an exchange that is older than the rules."""


def reason(asked: str, how: str, port: int | None, by: str) -> str:
    """Why it was to be expected, in a few words; empty for what an application did, or somebody of
    whom nothing is known."""
    if by.startswith("container"):
        return ""
    for why, units in _BY_UNIT.items():
        if units.fullmatch(by):
            return why
    for why, names in _BY_NAME.items():
        if names.fullmatch(asked):
            return why
    if port == _NAMES_PORT:
        return "a question from before the server was shut"
    return "the clock" if how == "udp" and port == _CLOCK_PORT else ""
