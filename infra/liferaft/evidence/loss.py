"""What is lost if the provider of the site that reigns ends it now, and how long it takes to be
back.

It is asked of the site's own servers, since only they know what is not in a vault yet. What cannot
be asked is not known, and never nothing.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from liferaft.config import Config
from liferaft.data import registry
from liferaft.data.exposure import Backlog, least
from liferaft.evidence.watch import Alarm, Severity, Watched
from liferaft.failures import Failure
from liferaft.moves.time_back import TimeBack

if TYPE_CHECKING:
    from liferaft.data.kind import Kind
    from liferaft.site.world import World

ASK_SECONDS: Final = 8.0
"""For all servers together: whoever looks at where the application stands waits no longer."""
_CLOSE_SECONDS: Final = 1.0


@dataclass(frozen=True)
class DataLoss:
    """Of one data set.

    Attributes:
        vaults: what each does not have, as the servers say.
        lost: what no vault has from which it would be restored; None: not known.
        is_bound: whether `lost` is told by the vaults alone, that is as what may be lost at most,
            since no server answered.
        trouble: why the servers do not say it; None where they do.
    """

    kind: str
    name: str
    vaults: tuple[Backlog, ...] = ()
    lost: Backlog | None = None
    is_bound: bool = False
    trouble: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "name": self.name,
            "seconds": self.lost.seconds if self.lost else None,
            "bytes": self.lost.size if self.lost else None,
            "objects": self.lost.objects if self.lost else None,
            "by_vaults_alone": self.is_bound,
            "trouble": self.trouble,
            "vaults": [
                {
                    "vault": one.vault,
                    "seconds": one.seconds,
                    "bytes": one.size,
                    "objects": one.objects,
                    "why": one.why,
                }
                for one in self.vaults
            ],
        }


@dataclass(frozen=True)
class Loss:
    """Of everything that is kept without a pause. back: None before there is a point."""

    provider: str
    data: tuple[DataLoss, ...] = field(default_factory=tuple)
    back: TimeBack | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "provider": self.provider,
            "data": [one.to_json() for one in self.data],
            "back": self.back.to_json() if self.back else None,
        }


async def asked(world: "World", seconds: float = ASK_SECONDS) -> tuple[DataLoss, ...]:
    """What the servers say, all asked at once and for no longer than that. What is refused is told,
    not raised."""
    rows = (_asked(world, *one, seconds) for one in _flowing(world.site.config))
    try:
        return tuple(await asyncio.gather(*rows))
    finally:
        with suppress(TimeoutError):  # a line that is dead takes no farewell
            async with asyncio.timeout(_CLOSE_SECONDS):
                await world.servers.close()


async def _asked(world: "World", kind: "Kind[Any]", name: str, seconds: float) -> DataLoss:
    try:
        async with asyncio.timeout(seconds):
            return DataLoss(kind.name, name, tuple(await kind.exposure(world, name)))
    except TimeoutError:
        trouble = f"its server at {world.site.name} did not answer within {seconds:.0f} s"
        return DataLoss(kind.name, name, trouble=trouble)
    except Failure as failure:
        return DataLoss(kind.name, name, trouble=failure.facts.happened.rstrip("."))
    except (ValueError, TypeError, LookupError, OSError) as odd:  # whatever a server may say
        trouble = f"what its server at {world.site.name} answered cannot be read ({odd})"
        return DataLoss(kind.name, name, trouble=trouble)


def unasked(config: Config, trouble: str) -> tuple[DataLoss, ...]:
    """The same where nobody can be asked."""
    return tuple(DataLoss(kind.name, name, trouble=trouble) for kind, name in _flowing(config))


def _flowing(config: Config) -> "Iterator[tuple[Kind[Any], str]]":
    return ((kind, name) for kind, name in registry.kept(config) if kind.flows)


def silences(loss: Loss | None) -> Iterator[Alarm]:
    """An alarm for each reason why nobody knows what would be lost. Pure."""
    reasons = dict.fromkeys(one.trouble for one in loss.data if one.trouble) if loss else {}
    for reason in reasons:
        yield Alarm(Severity.WARNING, f"what would be lost is not known: {reason}")


def judged(said: Iterable[DataLoss], seen: Watched, vaults: Sequence[str]) -> tuple[DataLoss, ...]:
    """With what is lost of each: by the vaults among these that answer, from which it would be
    restored. vaults: those of liferaft.toml. Pure."""
    answering = [one.name for one in seen.vaults if one.trouble is None]
    return tuple(_judged(one, seen, vaults, answering) for one in said)


def _judged(
    one: DataLoss, seen: Watched, vaults: Sequence[str], answering: Sequence[str]
) -> DataLoss:
    if one.trouble is None:
        told = {lag.vault: lag for lag in one.vaults}
        unknown = "the server keeps nothing in it, or does not say"
        lags = tuple(told.get(name, Backlog(name, why=unknown)) for name in vaults)
        return replace(one, vaults=lags, lost=least([o for o in lags if o.vault in answering]))
    moments = {o.name: {**(o.archived or {}), **o.kept}.get(one.name) for o in seen.vaults}
    bounds = tuple(_bounds(moments, seen.at))
    return replace(one, vaults=bounds, lost=least(bounds), is_bound=bool(least(bounds)))


def _bounds(moments: Mapping[str, datetime | None], now: datetime) -> Iterator[Backlog]:
    for name, moment in moments.items():
        seconds = None if moment is None else max(0.0, (now - moment).total_seconds())
        yield Backlog(name, seconds)
