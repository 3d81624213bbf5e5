"""What the application itself answers to a health request: asked on the edge's host, past Caddy.

From outside an app that is not well is the holding page, whatever is wrong with it.
"""

import asyncio
import re
import shlex
from dataclasses import dataclass
from typing import Final

from liferaft.edge.caddyfile import Edge
from liferaft.remote.contract import Host

_ANSWER_SECONDS: Final = 5
_LANES: Final = 5
"""Questions at one time: an SSH server allows ten sessions in all."""
_LARGEST: Final = 64 * 1024
"""Bytes of an answer that are looked at."""
_SHOWN: Final = 200
"""Characters of an answer in messages."""
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class AppAnswer:
    """One app server's answer.

    Attributes:
        upstream: ADDRESS:PORT that was asked.
        status: None if nothing answered.
        said: the first line of what was answered (of a page its title), where a redirect leads,
            or why nothing was.
    """

    upstream: str
    status: int | None
    said: str

    def __str__(self) -> str:
        if self.status is None:
            return f"the app at {self.upstream} does not answer: {self.said}"
        return f"the app at {self.upstream} answers {self.status}" + (
            f": {self.said}" if self.said else ""
        )


async def answers(host: Host, edge: Edge) -> tuple[AppAnswer, ...]:
    """What each app server answers to the request by which Caddy judges it."""
    lanes = asyncio.Semaphore(_LANES)

    async def answer(upstream: str) -> AppAnswer:
        async with lanes:
            return await _answer(host, edge, upstream)

    return tuple(await asyncio.gather(*map(answer, edge.upstreams)))


async def _answer(host: Host, edge: Edge, upstream: str) -> AppAnswer:
    asked = ["curl", "--silent", "--show-error", "--include", "--http1.1", "--noproxy", "*"]
    for name, value in edge.health_headers.items():
        asked += ["--header", f"{name}: {value}"]
    asked += ["--max-time", str(_ANSWER_SECONDS), f"http://{upstream}{edge.health_path}"]
    # No more than this is read: an app may answer without an end.
    script = f"{shlex.join(asked)} | head --bytes={_LARGEST}"
    said = await host.run(script, deadline=4 * _ANSWER_SECONDS, check=False)
    head, _, body = said.stdout.decode(errors="replace").replace("\r\n", "\n").partition("\n\n")
    first, *fields = head.split("\n")
    status = re.match(r"HTTP/\S+ (\d{3})", first)
    if status is None:
        return AppAnswer(upstream, None, _first_line(said.stderr.decode(errors="replace")))
    leads = [line.partition(":")[2] for line in fields if line.lower().startswith("location:")]
    return AppAnswer(upstream, int(status[1]), _first_line(f"to {leads[0]}" if leads else body))


def _first_line(text: str) -> str:
    title = _TITLE.search(text)
    lines = (" ".join(line.split()) for line in (title[1] if title else text).splitlines())
    first = next((line for line in lines if line), "")
    # What an app answers is shown on a terminal: nothing in it may steer one.
    shown = "".join(mark for mark in first if mark.isprintable())
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
