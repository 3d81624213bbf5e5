"""What a site's cloud holds of ours, and what of it no state knows: bills nobody looks at."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from liferaft.clouds.contract import EPOCH, Cloud, Owned
from liferaft.clouds.kinds import KINDS
from liferaft.failures import Facts, Failure
from liferaft.moves.unfinished import runs_of_epoch
from liferaft.site.machine_images import machine_image_of
from liferaft.site.site import Site


@dataclass(frozen=True)
class CloudHolding:
    """One thing at a cloud that carries our labels. `known`: the site's state, or the record of
    its machine image, names it; a leftover is what neither knows."""

    kind: str
    id: str
    name: str
    epoch: str
    known: bool


@dataclass(frozen=True)
class Holdings:
    """What one site's cloud says. `trouble`: why it could not be asked whole; then the list is not
    complete, and what is missing in it is not known to be absent.

    `run`: one at this site that has not ended. What no state knows may be its own: noted in a
    moment, or found by its labels when the same command goes on.
    """

    site: str
    cloud: str
    account: str = ""
    things: tuple[CloudHolding, ...] = ()
    trouble: Facts | None = None
    run: str | None = None


async def holdings(site: Site) -> Holdings:
    """Ask the cloud of the site. Reads only; what it refuses is told, not raised."""
    name = site.declared.cloud
    try:
        cloud = site.cloud()
        account = await asyncio.to_thread(cloud.account)
        # In this order: what is there and not noted in the state that is read last was being made
        # when runs were asked for.
        rows = await asyncio.to_thread(_rows, cloud, site.config.app.name, site.name)
        run = await asyncio.to_thread(_run_at, site)
        known = await _known(site)
    except Failure as failure:
        return Holdings(site.name, name, trouble=failure.facts)
    things = [
        CloudHolding(kind, row.id, row.name, row.labels.get(EPOCH, ""), row.id in known)
        for kind, row in rows
    ]
    return Holdings(site.name, name, account, tuple(things), run=run)


def _run_at(site: Site) -> str | None:
    """A run at the site that its command would go on with, under way or not. Blocks."""
    runs = (str(run.name) for run in runs_of_epoch(site.vault).open if run.site == site.name)
    return next(runs, None)


async def _known(site: Site) -> frozenset[str]:
    deployment = await site.deployment()
    rows = deployment.get("deployment", {}).get("resources", ())
    image = await asyncio.to_thread(machine_image_of, site.vault, site.name)
    return frozenset(
        {row["id"] for row in rows if row.get("id")} | ({image.id} if image else set())
    )


def _rows(cloud: Cloud, app: str, site: str) -> Sequence[tuple[str, Owned]]:
    return [
        (kind, row)
        for kind in KINDS
        if kind in cloud.kinds
        for row in cloud.kinds[kind].owned_by(app=app, site=site)
    ]
