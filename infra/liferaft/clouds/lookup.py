"""A cloud's resource of a kind; what it does not have is told with the key that supplies it."""

from typing import TypeVar, cast

from liferaft.clouds.contract import Cloud, Resource
from liferaft.clouds.kinds import ResourceKind
from liferaft.clouds.registry import entry

SpecT = TypeVar("SpecT")
FactsT = TypeVar("FactsT")


def resource(cloud: Cloud, kind: ResourceKind[SpecT, FactsT]) -> Resource[SpecT, FactsT]:
    """The cloud's resource of that kind; Unsupported, naming the key that supplies it, if none."""
    found = cloud.kinds.get(kind.name)
    if found is None:
        raise entry(cloud.name).lacking(kind.name, f"has no {kind.name.replace('_', ' ')}")
    return cast("Resource[SpecT, FactsT]", found)
