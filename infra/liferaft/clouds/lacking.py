"""What a cloud does not have: asked for nevertheless, it is told which key supplies it."""

from typing import TypeVar, cast

from liferaft.clouds.contract import Ability, Cloud, Resource, Unsupported
from liferaft.clouds.kinds import Kind
from liferaft.clouds.registry import entry

SpecT = TypeVar("SpecT")
FactsT = TypeVar("FactsT")


def resource(cloud: Cloud, kind: Kind[SpecT, FactsT]) -> Resource[SpecT, FactsT]:
    """The cloud's resource of that kind; Unsupported, naming the key that supplies it, if none."""
    found = cloud.kinds.get(kind.name)
    if found is None:
        raise unsupported(cloud.name, kind.name, f"has no {kind.name.replace('_', ' ')}")
    return cast("Resource[SpecT, FactsT]", found)


def unsupported(cloud: str, lacking: str, sentence: str) -> Unsupported:
    """What an undeclared kind or ability raises: `sentence` follows the cloud's name."""
    return Unsupported(
        f"{cloud} {sentence}",
        safe="Nothing was touched.",
        do=f"It is supplied by {entry(cloud).supplied_by(lacking)}; or name another cloud in "
        "sites.<site>.cloud.",
    )


def lacks(cloud: str, ability: Ability) -> Unsupported:
    """What using an ability that the cloud does not declare raises."""
    return unsupported(cloud, ability, f"cannot {ability.value}")
