"""All keepers of one bucket: one for each vault, so that a vault that is dead starves no other."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from liferaft.data.bucket.binding import bucket
from liferaft.data.bucket.dataset import BucketData
from liferaft.data.bucket.exposure import exposure_file, missing_file
from liferaft.data.bucket.keeper import (
    KEPT,
    is_keeping,
    start_keeper,
    unit_called,
    wait_for_first_copy,
)
from liferaft.data.bucket.program import TASKS
from liferaft.data.failures import SnapshotFailed
from liferaft.plan.telling import TOLD
from liferaft.remote.acts import QUICK, act
from liferaft.remote.contract import Host
from liferaft.site.reach import vault_accesses

if TYPE_CHECKING:
    from liferaft.site.world import World


async def kept_buckets(world: "World", name: str) -> tuple[BucketData, ...]:
    """A bucket as it is kept in each vault that servers reach, in the order of liferaft.toml."""
    first = await bucket(world, name)
    return tuple(
        replace(first, sealed=replace(first.sealed, vault=vault)) for vault in vault_accesses(world)
    )


async def are_keeping(host: Host, buckets: Sequence[BucketData], epoch: int) -> bool:
    """There is a keeper for each vault, and none besides."""
    return not await _others(host, buckets) and not await _idle(host, buckets, epoch)


async def start_keepers(host: Host, buckets: Sequence[BucketData], epoch: int) -> None:
    """Starts those that do not keep, and removes those of vaults that are not configured any more,
    and what a version before this one had for all. Idempotent."""
    for instance in await _others(host, buckets):
        await _remove(host, instance)
    for one in await _idle(host, buckets, epoch):
        await start_keeper(host, one, epoch)


async def first_copies(
    host: Host, buckets: Sequence[BucketData], *, patience: float
) -> Mapping[str, Any]:
    """What a report says of the first copies. A vault that takes none is told, and stops none of
    the others: SnapshotFailed where no vault takes any."""
    waits = (wait_for_first_copy(host, one, patience=patience) for one in buckets)
    came = await asyncio.gather(*waits, return_exceptions=True)
    for ending in came:
        if isinstance(ending, BaseException) and not isinstance(ending, SnapshotFailed):
            raise ending
    failures = [ending for ending in came if isinstance(ending, SnapshotFailed)]
    if len(failures) == len(buckets):
        raise failures[0]
    said = {TOLD: list(map(_told, failures))} if failures else {}
    return {"whole": all(ending is True for ending in came), **said}


def _told(failure: SnapshotFailed) -> str:
    said = failure.facts.details.get("said", "")
    return f"{failure.facts.happened} It tries again by itself every few seconds. It said: {said}"


async def _idle(host: Host, buckets: Sequence[BucketData], epoch: int) -> tuple[BucketData, ...]:
    asked = [await is_keeping(host, one, epoch) for one in buckets]
    return tuple(one for one, keeps in zip(buckets, asked, strict=True) if not keeps)


async def _others(host: Host, buckets: Sequence[BucketData]) -> Collection[str]:
    """Instances that are for none of these."""
    name = buckets[0].name
    wanted = {one.task(use="keeper").instance for one in buckets}
    listing = await host.run(["ls", TASKS], deadline=QUICK, check=False)
    return [one for one in _instances(listing.text, name) if one not in wanted]


def _instances(listing: str, name: str) -> Iterator[str]:
    """Of this bucket, by their tasks. One without a vault's name is of the time when there was one
    keeper for a bucket."""
    for line in listing.splitlines():
        instance = line.removeprefix("keeper-").removesuffix(".json")
        if line == f"keeper-{instance}.json" and instance.rpartition(":")[2] == name:
            yield instance


async def _remove(host: Host, instance: str) -> None:
    """Its task goes last: as long as that is there, it is found."""
    kept, unit = f"{KEPT}/{instance.replace(':', '/')}", unit_called(instance)
    script = (
        f"systemctl stop {unit} || true; systemctl disable {unit} || true;"
        f" [ -d {kept} ] || rm -f {kept};"
        f" rm -f {exposure_file(instance)} {missing_file(instance)}"
        f" {TASKS}/keeper-{instance}.json"
    )
    await act(host, ["bash", "-c", script], doing=f"Removing the keeper {instance}")
