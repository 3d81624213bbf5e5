"""A drill reads a sample of the objects that its copy has brought: those that rows name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from liferaft.data.bucket.everywhere import BucketInVaults
from liferaft.data.failures import NotVerified
from liferaft.data.parts import RestorePart
from liferaft.failures import Own
from liferaft.site.world import World

_NAMED: Final = 10
"""Objects that a failure tells by name, of each sort."""
_SAFE: Final = Own("It is the drill's bucket: that of the site that reigns was not asked.")


class ObjectsLack(NotVerified):
    """What rows name, or what vaults hold, is not in a bucket that was brought back."""


@dataclass(frozen=True)
class SampleObjects(RestorePart):
    """Objects that came back are read at the site to their end, and are what vaults have of them:
    the newest and some by chance."""

    async def holds(self, world: World) -> bool:
        """Never said from here: what was read before may be another by now."""
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        data, part = await self._data(world), await self._part(world)
        assert isinstance(data, BucketInVaults)
        came = await data.sample(await world.servers.host(self.server), part)
        require_whole(self.name, came)
        return {"of": came["of"], "objects": came["read"], "bytes": came["read_size"]}

    async def prove(self, world: World) -> None:
        """`apply` has read them, and changes nothing."""


def require_whole(bucket: str, came: Mapping[str, Any]) -> None:
    """Raise ObjectsLack for what a sample has found, by name. Pure."""
    told = [
        f"{came[f'{of}_count']} {what}: {_listed(came[of])}"
        for of, what in _SORTS.items()
        if came[f"{of}_count"]
    ]
    if came["rows_unread"]:
        told.append(f"what rows name could not be asked ({came['rows_unread']})")
    if told:
        names = [repr(key) for of in _SORTS for key in came[of]]
        raise ObjectsLack(
            f"Of a sample of bucket {bucket} ({came['read']} of {came['of']} objects were read) "
            f"{'; '.join(told)}",
            safe=_SAFE,
            do="Read these objects at the site that reigns, while it has them, and take a new "
            "recovery point: `liferaft snapshot`. What is only on its way was brought later than "
            "the copy looked: then the drill says nothing of it.",
            details={"objects": ", ".join(names)},
        )


_SORTS: Final = {
    "missing": "are MISSING",
    "other": "are not what vaults have of them",
    "underway": "were still on their way",
}
"""What a sample says of objects, and how that is told."""


def _listed(named: Mapping[str, str]) -> str:
    rows = [f"{key!r} ({why})" for key, why in list(named.items())[:_NAMED]]
    return ", ".join(rows) + (" …" if len(named) > _NAMED else "")
