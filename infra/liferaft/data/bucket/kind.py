"""A bucket as a kind of data: the application's objects at the site's own store."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlsplit

from liferaft.config import Config
from liferaft.data.bucket.binding import bucket_in_vaults, site_bucket
from liferaft.data.bucket.everywhere import BucketInVaults
from liferaft.data.bucket.program import PACKAGES
from liferaft.data.exposure import Backlog
from liferaft.data.kind import DataPlace, Kind, KindFacts, Origin
from liferaft.data.proof import Proof, Trial
from liferaft.data.sealed import seal_of
from liferaft.plan.milestones import Hung
from liferaft.plan.step import Step
from liferaft.recovery.part import Part
from liferaft.site.roster import Roster, Seat

if TYPE_CHECKING:
    from liferaft.site.world import World


_PLACEHOLDERS: Final[Mapping[str, str]] = {
    "endpoint": "S3_ENDPOINT",
    "region": "S3_REGION",
    "name": "S3_BUCKET",
    "access_key": "S3_ACCESS_KEY_ID",
    "secret_key": "S3_SECRET_ACCESS_KEY",
    "ca_file": "S3_CA_FILE",
}
"""By key of a placeholder the variable that says the same; `ca_file` is empty where the system's
authorities do."""


@dataclass(frozen=True)
class BucketMoment(KindFacts):
    """until: the moment as of which a failover brings it back, as an operator reads it."""

    until: str


class BucketKind(Kind[BucketMoment]):
    """New objects go into the vault all the time; they come back behind, while the app runs."""

    name: ClassVar[str] = "bucket"
    flows: ClassVar[bool] = True

    def packages(self, roster: Roster, seat: Seat) -> Collection[str]:
        return PACKAGES if seat in {roster.database, roster.edge} else ()

    def variable_names(self, config: Config) -> Collection[str]:
        return (
            "S3_ENDPOINT",
            "S3_REGION",
            "S3_BUCKET",
            "S3_ACCESS_KEY_ID",
            "S3_SECRET_ACCESS_KEY",
            "S3_CA_FILE",
        )

    async def variables(self, world: "World", name: str) -> Mapping[str, str]:
        there = await site_bucket(world)
        values = (
            *(there.url, there.region, there.bucket, there.access_key, there.secret_key),
            there.ca_file,
        )
        named = zip(self.variable_names(world.site.config), values, strict=True)
        return {variable: value for variable, value in named if value is not None}

    placeholder_word: ClassVar[str] = "bucket"

    def placeholder_keys(self, config: Config) -> Collection[str]:
        return (*_PLACEHOLDERS, "host")

    def placeholders(self, variables: Mapping[str, str]) -> Mapping[str, str]:
        told = {key: variables.get(name, "") for key, name in _PLACEHOLDERS.items()}
        return {**told, "host": urlsplit(told["endpoint"]).netloc}

    async def open(
        self,
        world: "World",
        name: str,
        *,
        epoch: int,
        earlier: tuple[int, ...] = (),
        facts: BucketMoment | None = None,
    ) -> BucketInVaults:
        as_of = None if facts is None else datetime.fromisoformat(facts.until).timestamp()
        return await bucket_in_vaults(world, name, later=earlier[1:], as_of=as_of)

    def deploy(self, at: DataPlace) -> Iterator[Hung]:
        from liferaft.data.bucket import steps

        return steps.of_deploy(at)

    def snapshot(self, at: DataPlace, point: str) -> Iterator[Step]:
        from liferaft.data.bucket import steps

        return steps.of_snapshot(self, at, point)

    def failover(self, at: DataPlace, origin: Origin[Any]) -> Iterator[Hung]:
        from liferaft.data.bucket import steps

        return steps.of_failover(self, at, origin)

    def drill(self, at: DataPlace, origin: Origin[Any]) -> Iterator[Hung]:
        from liferaft.data.bucket import steps

        return steps.of_drill(self, at, origin)

    def as_of(self, facts: BucketMoment | None, moment: str) -> BucketMoment:
        return BucketMoment(moment)

    def facts_in(self, told: Mapping[str, Any]) -> BucketMoment | None:
        return BucketMoment(told["until"]) if told.get("until") else None

    async def prove(self, world: "World", part: Part, trial: Trial) -> Proof:
        from liferaft.data.bucket import proof

        host = await world.servers.host(world.site.roster.database.name)
        return await proof.prove(host, part, await seal_of(world), trial)

    async def exposure(self, world: "World", name: str) -> Sequence[Backlog]:
        from liferaft.data.bucket.lag import ask

        return await ask(await world.servers.host(world.site.roster.database.name), name)


BUCKET: Final = BucketKind()
