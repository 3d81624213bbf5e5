"""Asks the application for everything it ever promised to keep, and says what became of it.

    python -m liferaft_sandbox.users.verify --base https://chirp.test --resolver 198.18.10.11 \
        --ca lab.crt --answers build/users --out build/users/survival.json

exits 0 when every promise has a verdict and none is "altered".
"""

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from .account import Acknowledged, acknowledged_in
from .browser import Browser, Clock, Reply, trusting
from .recognise import content_in, digest
from .records import answers_in

READERS = 4
PAUSE_SECONDS = 1.0
OK, NOT_FOUND = 200, 404
PICTURES = "/media/"


class Verdict(StrEnum):
    """What became of one acknowledged thing."""

    SURVIVED = "survived"
    LOST = "lost"
    ALTERED = "altered"
    """Its id answers with something else: worse than lost, since nobody would notice."""
    UNANSWERED = "unanswered"
    """The application said neither until the deadline."""


@dataclass(frozen=True)
class Fate:
    """One acknowledged thing and its verdict."""

    thing: Acknowledged
    verdict: Verdict
    status: int | None
    error: str | None


@dataclass(frozen=True)
class Survival:
    """The fates of all acknowledged things, in the order of their acknowledgement."""

    fates: tuple[Fate, ...]

    def of(self, verdict: Verdict) -> tuple[Fate, ...]:
        """Those with this verdict."""
        return tuple(fate for fate in self.fates if fate.verdict is verdict)

    def as_json(self) -> dict[str, object]:
        """Counts, the moments between which things were lost, and every fate but survival."""
        lost = self.of(Verdict.LOST)
        return {
            "acknowledged": len(self.fates),
            **{verdict.value: len(self.of(verdict)) for verdict in Verdict},
            "first_lost_at": lost[0].thing.at if lost else None,
            "last_lost_at": lost[-1].thing.at if lost else None,
            "last_survived_at": max((f.thing.at for f in self.of(Verdict.SURVIVED)), default=None),
            "not_survived": [
                asdict(fate.thing)
                | {"verdict": fate.verdict, "status": fate.status, "error": fate.error}
                for fate in self.fates
                if fate.verdict is not Verdict.SURVIVED
            ],
        }


def fate_of(thing: Acknowledged, reply: Reply) -> Fate:
    """What one answer says about `thing`; its content is compared, not what a page says of it."""
    if reply.status == NOT_FOUND:
        verdict = Verdict.LOST
    elif reply.status != OK:
        verdict = Verdict.UNANSWERED
    elif _digest(thing, reply) == thing.sha256:
        verdict = Verdict.SURVIVED
    else:
        verdict = Verdict.ALTERED
    return Fate(thing, verdict, reply.status, reply.error)


def may_change(fate: Fate, *, copied: bool = False) -> bool:
    """Whether asking again can help: rows are there or not, pictures may still be being copied.
    copied: they are not, since the copy has come to its end."""
    if fate.verdict is Verdict.LOST:
        return not copied and fate.thing.path.startswith(PICTURES)
    return fate.verdict is Verdict.UNANSWERED


async def survival(
    things: Sequence[Acknowledged], browsers: Sequence[Browser], *, seconds: float, copied: bool
) -> Survival:
    """Read every thing back, each browser one at a time; ask for `seconds` what may change."""
    deadline = asyncio.get_running_loop().time() + seconds
    fates = dict(zip(things, await _ask(things, browsers), strict=True))
    while again := [thing for thing, fate in fates.items() if may_change(fate, copied=copied)]:
        if asyncio.get_running_loop().time() + PAUSE_SECONDS > deadline:
            break
        await asyncio.sleep(PAUSE_SECONDS)
        fates.update(zip(again, await _ask(again, browsers), strict=True))
    return Survival(tuple(fates.values()))


async def _ask(things: Sequence[Acknowledged], browsers: Sequence[Browser]) -> list[Fate]:
    waiting = list(enumerate(things))[::-1]
    fates: dict[int, Fate] = {}

    async def read(browser: Browser) -> None:
        while waiting:
            place, thing = waiting.pop()
            fates[place] = fate_of(thing, await browser.get(thing.path))

    async with asyncio.TaskGroup() as readers:
        for browser in browsers:
            readers.create_task(read(browser))
    return [fates[place] for place in range(len(things))]


def _digest(thing: Acknowledged, reply: Reply) -> str | None:
    if thing.path.startswith(PICTURES):
        return digest(reply.body)
    content = content_in(reply.text)
    return None if content is None else digest(content)


async def _verify(given: argparse.Namespace) -> Survival:
    things, trust, clock = acknowledged_in(answers_in(given.answers)), trusting(given.ca), Clock()
    async with contextlib.AsyncExitStack() as open_things:
        browsers = [
            await open_things.enter_async_context(
                Browser(given.base, given.resolver, trust, clock, reuse=True)
            )
            for _ in range(READERS)
        ]
        return await survival(things, browsers, seconds=given.seconds, copied=given.copied)


def main() -> int:
    """Verify, write the report, say the counts."""
    parser = argparse.ArgumentParser(prog="liferaft_sandbox.users.verify")
    parser.add_argument("--base", required=True, help="https://NAME of the application")
    parser.add_argument("--resolver", required=True)
    parser.add_argument("--ca", type=Path, help="authorities to trust instead of the system's")
    parser.add_argument("--answers", type=Path, required=True, help="the crowd's --out")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to ask again")
    parser.add_argument("--copied", action="store_true", help="no picture is still being copied")
    given = parser.parse_args()
    found = asyncio.run(_verify(given))
    given.out.write_text(json.dumps(found.as_json(), indent=2) + "\n")
    counts = {verdict.value: len(found.of(verdict)) for verdict in Verdict}
    sys.stdout.write(json.dumps({"acknowledged": len(found.fates), **counts}) + "\n")
    return 1 if counts[Verdict.ALTERED] or counts[Verdict.UNANSWERED] else 0


if __name__ == "__main__":
    sys.exit(main())
