"""An object is put, read and deleted at a drill's bucket, with the keys of the application."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.data.bucket.binding import bucket
from liferaft.data.failures import NotVerified
from liferaft.failures import Own
from liferaft.remote.acts import HostActFailed, act
from liferaft.site.world import World


class TakesNoObject(HostActFailed):
    """The store refused what the application does all the time."""


@dataclass(frozen=True)
class PutObjectOnTrial:
    """The site's bucket takes an object, gives it back and deletes it, asked from a server by the
    address and with the keys that the application is told."""

    name: str
    server: str
    epoch: int

    async def holds(self, world: World) -> bool:
        """Never said from here: it leaves nothing behind by which it could be told."""
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        host, data = await world.servers.host(self.server), await bucket(world, self.name)
        task = data.task(self.epoch, use="trial")
        await task.put(host)
        said = await act(
            host,
            task.argv("try"),
            doing=f"Putting, reading and deleting an object in bucket {self.name}",
            deadline=120.0,
            failure=TakesNoObject,
            safe=Own("It is the drill's bucket: that of the site that reigns was not asked."),
            do="See what its keys may do there: the application has the same ones.",
        )
        if (ailment := json.loads(said)["ailment"]) is not None:
            raise NotVerified(
                f"The store of bucket {self.name} does not do what it answers: {ailment}.",
                safe=Own("It is the drill's bucket: that of the site that reigns was not asked."),
                do="Ask the vendor of the store.",
            )
        return {}

    async def prove(self, world: World) -> None:
        """`apply` has read what it put, and asked for it in vain once it was deleted."""
