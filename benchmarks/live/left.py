"""What is left at a cloud of this run and of those before it, and its end: by labels alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.live import APP
from liferaft.clouds.contract import SITE, Cloud, Owner
from liferaft.clouds.kinds import BucketSpec
from liferaft.failures import Failure
from liferaft.provision.orphans import ORDER

ROUNDS = 4
"""How often everything is tried: what used a thing may be gone only after the first of them."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Remain:
    """One thing; `run` is the site in its labels, which names the run that made it."""

    kind: str
    id: str
    name: str
    run: str

    def __str__(self) -> str:
        return f"{self.kind.replace('_', ' ')} {self.name} ({self.id}) of {self.run or 'no run'}"


@dataclass(frozen=True)
class Left:
    """What a cloud says that there is. `unknown`: kinds that it would not list, and why."""

    things: tuple[Remain, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentences(self) -> list[str]:
        """Empty if it is sure that there is nothing."""
        return [
            *(str(one) for one in self.things),
            *(f"{kind}: not known, {why}" for kind, why in self.unknown.items()),
        ]


def look(cloud: Cloud, apps: Sequence[str] = (APP,)) -> Left:
    """Everything that carries the labels of these apps, dependents first."""
    things: list[Remain] = []
    unknown: dict[str, str] = {}
    for kind in (kind for kind in ORDER if kind in cloud.kinds):
        try:
            for app in apps:
                rows = cloud.kinds[kind].owned_by(app=app)
                things += [Remain(kind, one.id, one.name, one.labels.get(SITE, "")) for one in rows]
        except Failure as failure:
            unknown[kind] = failure.facts.happened
    return Left(tuple(things), unknown)


def remove(
    cloud: Cloud, say: Say, *, apps: Sequence[str] = (APP,), buckets: Sequence[str] = ()
) -> Left:
    """Delete all of it; what is left nevertheless. Whatever is refused stops nothing else.

    buckets: the names that runs give: one that was killed before it was labelled is found so.
    """
    for _ in range(ROUNDS):
        found = look(cloud, apps)
        half_made = list(_half_made(cloud, buckets, found))
        if not found.things and not half_made:
            return found
        for one in found.things:
            _try(say, f"deleting {one}", lambda one=one: cloud.kinds[one.kind].delete(one.id))  # type: ignore[misc]  # mypy: no default in a lambda
        for name in half_made:
            _try(say, f"deleting bucket {name}", lambda name=name: _finish(cloud, name))  # type: ignore[misc]  # as above
    return look(cloud, apps)


def _try(say: Say, doing: str, act: Callable[[], None]) -> None:
    say(doing)
    try:
        act()
    except Failure as failure:
        say(f"{doing}: {failure.facts.happened}")


def _half_made(cloud: Cloud, names: Sequence[str], found: Left) -> Iterator[str]:
    """Those that are there and that no listing by labels shows."""
    for name in set(names) - {one.id for one in found.things}:
        try:
            if cloud.kinds["bucket"].read(name) is not None:
                yield name
        except Failure:  # somebody else's in the world, or not to be known
            continue


def _finish(cloud: Cloud, name: str) -> None:
    """It is made whole, which only its maker can, and then deleted. Raises TakenByAnotherOwner."""
    owner = Owner.of(f"urn:liferaft:live::{name}", app=APP, site="half-made", epoch=0)
    buckets = cloud.kinds["bucket"]
    buckets.delete(buckets.create(BucketSpec(name), owner).id)
