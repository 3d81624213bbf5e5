"""What the certificate authority answered when Caddy ordered, as Caddy's log on a host has it."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from liferaft.remote.contract import Host

LIMIT: Final = "rateLimited"
"""https://www.rfc-editor.org/rfc/rfc8555#section-6.7"""
_PROBLEM = re.compile(r"urn:ietf:params:acme:error:(\w+)(?: - | )?(.*)", re.DOTALL)
_LONGEST: Final = 500
"""Characters of an answer in messages."""


@dataclass(frozen=True)
class OrderProblem:
    """Why the authority did not issue: RFC 8555's word for it, and the authority's own."""

    kind: str
    said: str

    @property
    def is_limit(self) -> bool:
        """It was asked too often: asking again soon makes it no better."""
        return self.kind == LIMIT


async def moment(host: Host) -> int:
    """Seconds since 1970 by the host's clock, which its log goes by."""
    return int((await host.run(["date", "+%s"])).text)


async def order_problem(host: Host, *, since: int) -> OrderProblem | None:
    """The last one since that moment; None where the authority refused nothing."""
    asked = ["journalctl", "--unit=caddy", f"--since=@{since}", "--output=cat", "--no-pager"]
    said = await host.run([*asked, "--lines=400"], check=False)
    found = None
    for line in said.stdout.decode(errors="replace").splitlines():
        found = _problem(line) or found
    return found


def _problem(line: str) -> OrderProblem | None:
    try:
        entry: Any = json.loads(line)
    except ValueError:
        return None
    text = entry.get("error") if isinstance(entry, dict) else None
    match = _PROBLEM.search(text) if isinstance(text, str) else None
    if match is None:
        return None
    said = "".join(mark for mark in match[2] if mark.isprintable()).strip()
    return OrderProblem(match[1], said[:_LONGEST])
