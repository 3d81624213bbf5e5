"""What was asked for on a drill's host and denied: its hidden dependencies, by name."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from liferaft.hosts.isolation.known import reason
from liferaft.hosts.isolation.units import PROGRAM, TOLD
from liferaft.remote.acts import act
from liferaft.remote.contract import Host

_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Denied:
    """A name that was asked for, or an address that was called, by one, and got no answer.

    Attributes:
        asked: the name, or the address.
        how: the type of record (`A`, `MX`), or the protocol (`tcp`, `udp`, `icmp`).
        port: None where there is none.
        names: by which the address was known, if this host was ever given it for a name.
        by: `container app_web_1`, `caddy.service`, `user 33`; empty where nobody can tell.
        known: why it was to be expected, in a few words; empty where it was not.
    """

    asked: str
    how: str
    port: int | None
    names: tuple[str, ...]
    by: str
    count: int
    first: datetime
    last: datetime
    known: str

    @property
    def is_call(self) -> bool:
        """Whether it was called by address, past the resolver or after it."""
        return self.how.islower()

    def __str__(self) -> str:
        to = self.asked if self.port is None else f"{self.asked} port {self.port}"
        named = f" ({', '.join(self.names)})" if self.names else ""
        return f"{self.by or 'somebody'}: {to}{named}, {self.how}, {self.count} times"


async def denied(host: Host) -> tuple[Denied, ...]:
    """All of it since the host was shut, boots included, the first first."""
    asked = ["python3", "-I", PROGRAM, "told", TOLD]
    doing = f"Asking {host.address} what it denied"
    told = json.loads(await act(host, asked, doing=doing, deadline=_SECONDS))
    found = [_denied(one, told["given"]) for one in told["denied"]]
    return tuple(sorted(found, key=lambda one: (one.first, one.asked, one.how, one.by)))


def _denied(one: dict[str, Any], given: dict[str, list[str]]) -> Denied:
    by = _by(one["by_what"], one["by"])
    port = one["port"] or None
    return Denied(
        asked=one["asked"],
        how=one["how"],
        port=port,
        names=tuple(given.get(one["asked"], ())),
        by=by,
        count=one["count"],
        first=datetime.fromtimestamp(one["first"], UTC),
        last=datetime.fromtimestamp(one["last"], UTC),
        known=reason(one["asked"], one["how"], port, by),
    )


def _by(what: str, who: str) -> str:
    if what == "unit":
        return who or "a process that has ended"
    return f"{what} {who}".strip()
