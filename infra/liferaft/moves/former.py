"""What a site still has from an epoch of its own that is over.

A cloud that takes its customer back gives back the old servers with it. Their database does not
reign, and their bucket holds objects that were changed or deleted elsewhere since: users who were
led there would write to what nobody keeps. Told from the vault and the engine's state alone.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from liferaft.failures import Refused
from liferaft.plan.plan import Plan
from liferaft.site.bucket_name import BUCKET
from liferaft.site.site import Site
from liferaft.site.stack import SERVER
from liferaft.vault import EpochChain, Vault


class FormerServers(Refused):
    """A site would be used that still has what it had when it reigned."""


@dataclass(frozen=True)
class Former:
    """The epoch that is over, since when (UTC, ISO 8601) and at whose hands, and what the site's
    state names of it."""

    site: str
    epoch: int
    ended: str
    successor: str
    names: tuple[str, ...]


async def former_of(site: Site, *, before: int) -> Former | None:
    """What the site has from an epoch below `before`; None if there is nothing."""
    deployment = await site.deployment()
    return await asyncio.to_thread(former, site.vault, site.name, deployment, before=before)


def former(vault: Vault, site: str, deployment: Mapping[str, Any], *, before: int) -> Former | None:
    """The same as `former_of` tells, read from an exported deployment. What was made after the
    epoch's end, for a failover that was interrupted, does not count. Blocks."""
    chain = EpochChain(vault)
    current = chain.current()
    last = min(before, current.epoch + 1 if current else 0) - 1
    for epoch in range(last, 0, -1):
        if chain.record(epoch).site != site:
            continue
        if current is None or epoch == current.epoch:
            return None  # it reigns, or was destroyed while it did
        over = chain.record(epoch + 1)
        names = tuple(
            row["urn"].rpartition("::")[2]
            for row in deployment.get("deployment", {}).get("resources", ())
            if row["type"] in {SERVER, BUCKET} and _is_older(row.get("created"), over.at)
        )
        return Former(site, epoch, over.at, over.site, names) if names else None
    return None


def _is_older(created: str | None, moment: str) -> bool:
    """A row without a time was written by nobody who says when: it counts as old."""
    return not created or datetime.fromisoformat(created) < datetime.fromisoformat(moment)


async def require_none(site: Site, plan: Plan) -> None:
    """Raise FormerServers where a plan would use a site that has something of a former epoch: a
    failover to it, and a deploy that is to make it ready. Nothing has moved yet."""
    readies = plan.move == "deploy" and not plan.inputs.reigns
    if plan.move != "failover" and not readies:
        return
    found = await former_of(site, before=plan.epoch + (1 if readies else 0))
    if found is None:
        return
    raise FormerServers(
        f"{found.site} still has {', '.join(found.names)} from epoch {found.epoch}, which ended at "
        f"{found.ended} when {found.successor} took over: what is there does not reign",
        safe="Nothing was done by this command.",
        do=f"Clear it: `liferaft destroy {found.site} --servers`. Then run the same command again.",
    )
