"""What `status` tells, however it tells it: all of it is looked for in one place, and once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from liferaft_cli import opening

if TYPE_CHECKING:
    from liferaft.evidence.drills_due import DrillDue
    from liferaft.evidence.jobs import JobSeen
    from liferaft.evidence.loss import DataLoss, Loss
    from liferaft.evidence.standing import Standing
    from liferaft.evidence.watch import Watched
    from liferaft.moves.app_servers import AppServer
    from liferaft.vault import EpochRecord


@dataclass(frozen=True)
class Looked:
    """loss: None where nothing reigns, or what reigned was destroyed. drills: how old the newest
    one is of each site that came back, and when the next is due. app_servers: of a site with
    several; none where nothing serves. jobs: those of a schedule."""

    standing: "Standing"
    watched: "Watched"
    loss: "Loss | None"
    drills: "tuple[DrillDue, ...]" = ()
    app_servers: "tuple[AppServer, ...]" = ()
    jobs: "tuple[JobSeen, ...]" = ()


def look(opened: opening.Opened) -> Looked:
    """Ask the vaults, and meanwhile the servers of the site that reigns: one that is dead costs no
    more than the seconds after which it is told as silent."""
    from concurrent.futures import ThreadPoolExecutor

    from liferaft.evidence.drills_due import drills_due
    from liferaft.evidence.standing import standing
    from liferaft.evidence.watch import watch
    from liferaft.vault import EpochChain

    current = EpochChain(opened.vault).current()
    with ThreadPoolExecutor(4) as beside:
        timed = beside.submit(_jobs, opened, current) if current else None
        said = beside.submit(_ask, opened, current.site) if current else None
        serving = beside.submit(_ask_app_servers, opened, current.site) if current else None
        due = beside.submit(drills_due, opened.config, opened.vault)
        found = standing(opened.config, opened.vault)
        watched = watch(opened.config, opened.vault, found)
        if said is None or serving is None or not found.site or found.destroyed_at is not None:
            return Looked(found, watched, None, due.result())
        loss = _loss(opened, watched, found.site, said.result())
        jobs = timed.result() if timed else ()
        return Looked(found, watched, loss, due.result(), serving.result(), jobs)


def _ask(opened: opening.Opened, site: str) -> "tuple[DataLoss, ...]":
    import asyncio

    from liferaft.evidence.loss import asked, unasked
    from liferaft.failures import Failure

    try:
        return asyncio.run(asked(opening.world_of_epoch(opened, site, asks_cloud=False)))
    except Failure as failure:
        return unasked(opened.config, failure.facts.happened.rstrip("."))


def _ask_app_servers(opened: opening.Opened, site: str) -> "tuple[AppServer, ...]":
    """None where the configuration says nothing that could be asked for."""
    import asyncio

    from liferaft.failures import Failure
    from liferaft.moves.app_servers import asked

    try:
        return asyncio.run(asked(opening.world_of_epoch(opened, site, asks_cloud=False)))
    except Failure:  # what is wrong with the configuration, `_ask` and every move tell
        return ()


def _jobs(opened: opening.Opened, current: "EpochRecord") -> "tuple[JobSeen, ...]":
    import asyncio
    from datetime import UTC, datetime

    from liferaft.evidence.jobs import jobs_seen, unasked
    from liferaft.failures import Failure
    from liferaft.site.scheduling import scheduled

    if not scheduled(opened.config):
        return ()
    now, since = datetime.now(UTC), datetime.fromisoformat(current.at)
    try:
        world = opening.world_of_epoch(opened, current.site, asks_cloud=False)
        return asyncio.run(jobs_seen(world, now, since))
    except Failure as failure:
        return unasked(opened.config, now, failure.facts.happened.rstrip("."))


def _loss(
    opened: opening.Opened, watched: "Watched", site: str, said: "tuple[DataLoss, ...]"
) -> "Loss":
    from liferaft.evidence.loss import Loss, judged
    from liferaft.moves.measured import time_back
    from liferaft.recovery.point import newest_whole

    config, epoch = opened.config, watched.standing.epoch
    point = None if epoch is None else newest_whole(opened.vault, epoch)
    back = None
    if epoch is not None and point is not None:
        back = time_back(config, opened.vault, epoch, point)
    vaults, declared = tuple(config.vaults), config.sites.get(site)
    provider = declared.cloud if declared else f"the provider of {site}"
    return Loss(provider, judged(said, watched, vaults), back)
