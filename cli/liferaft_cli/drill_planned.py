"""A drill as it is planned: what it begins from is read whole, and what it costs is known."""

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from liferaft.failures import BadInput, Failure, Held
from liferaft_cli import drill_clean, opening
from liferaft_cli.drill_told import could_not_begin

if TYPE_CHECKING:
    from liferaft.moves.drilling import PlannedDrill
    from liferaft.moves.missing import MissingVendors


@dataclass(frozen=True)
class AskedDrill:
    """What an operator asks for. without: names of vendors that are missing. seed: by which one of
    these was picked. data_only: of the data alone."""

    standby: str
    point: str | None = None
    without: tuple[str, ...] = ()
    seed: int | None = None
    data_only: bool = False


def site_meant(found: opening.Opened, *names: str | None) -> str:
    """The site that is named, by its name or by its cloud's, once or several times alike; without a
    name the only standby. Raises BadInput."""
    from liferaft.moves.drilled_site import drilled_site, only_standby
    from liferaft.moves.facts import current_epoch

    given = {drilled_site(found.config, name) for name in names if name is not None}
    if not given:
        return only_standby(found.config, current_epoch(found.vault).site)
    if len(given) > 1:
        raise BadInput(
            f"Two sites are named: {' and '.join(sorted(given))}",
            safe="Nothing was done.",
            do="Name one: SITE and --at say the same.",
        )
    return given.pop()


def plan_drill(found: opening.Opened, asked: AskedDrill) -> "tuple[PlannedDrill, tuple[str, ...]]":
    """Read what it begins from, whole; and what has to be said of it, its cost included.

    Raises DrillFailed where what it begins from is of no use, or vendors have it that are missing,
    and BadInput for names of vendors that there are none of.
    """
    from liferaft.moves.missing import missing_vendors
    from liferaft.moves.missing_hosts import with_addresses
    from liferaft.moves.trial_site import trial_config

    trial_config(found.config, asked.standby)  # whether there is such a site
    missing = missing_vendors(found.config, asked.standby, asked.without)
    missing = with_addresses(missing, found.config)
    try:
        return _read(found, asked, missing)
    except Failure as failure:
        named = isinstance(failure, (BadInput, Held))
        if _is_of_the_point(failure) or (missing.vaults and not named):
            raise could_not_begin(asked.standby, asked.without, failure) from failure
        raise


def _is_of_the_point(failure: Failure) -> bool:
    """Whether what a failover begins from is not there, not whole, or opened by nobody here."""
    from liferaft.moves.damages import NotWhole
    from liferaft.recovery.point import NoRecoveryPoint
    from liferaft.secrets.box import CannotOpen
    from liferaft.vault import Damaged

    return isinstance(failure, (Damaged, NotWhole, NoRecoveryPoint, CannotOpen))


def _read(
    found: opening.Opened, asked: AskedDrill, missing: "MissingVendors"
) -> "tuple[PlannedDrill, tuple[str, ...]]":
    import asyncio

    from liferaft.moves import drill as drill_move
    from liferaft.moves import facts
    from liferaft.moves.data_drill import one_server
    from liferaft.moves.drilling import PlannedDrill
    from liferaft.moves.preflight import require_whole
    from liferaft.moves.trial_costs import hourly_cost, require_affordable
    from liferaft.moves.trial_machines import require_machines
    from liferaft.moves.trial_site import (
        apart,
        longest_hours,
        open_trial,
        require_described,
        require_secrets,
        trial_config,
        trial_site,
    )
    from liferaft.site.world import World

    standby = asked.standby
    config = trial_config(found.config, standby)
    require_described(config)
    if asked.data_only:
        config = one_server(config)
    seen = apart(found.vault, standby, missing.vaults)
    if not asked.data_only:
        require_secrets(config, seen)
    read = facts.for_failover(config, seen, trial_site(standby), asked.point)
    forbidden = asyncio.run(_addresses_of(found, read.from_site))
    inputs = drill_move.inputs_for(
        *(read, standby, forbidden),
        data_only=asked.data_only,
        missing=missing,
        seed=asked.seed,
    )
    config = config.on(read.system)
    there = open_trial(
        *(config, seen, os.environ),
        standby=standby,
        secrets_epoch=inputs.secrets_epoch,
        state=_state_folder(),
    )
    plan = drill_move.plan(config, inputs)
    try:
        notes = asyncio.run(require_whole(there, plan, running=True))
        require_machines(there, standby)
        cost = hourly_cost(there)
        require_affordable(cost, longest_hours(config), config)
    except BaseException:
        drill_clean.forget_state(there)
        raise
    planned = PlannedDrill(
        plan,
        drill_move.afterword(config, inputs),
        drill_move.teardown(inputs),
        World.of(there),
        found.vault,
        inputs,
        cost,
    )
    return planned, (*missing.told, *notes, cost.sentence(there.ends_after or 0))


async def _addresses_of(found: opening.Opened, site: str) -> tuple[str, ...]:
    """Addresses of the site that reigns, by its state: nobody there is asked."""
    outputs = await opening.site_at(found, site, asks_cloud=False).outputs()
    servers = (server.public_address for server in outputs.servers)
    return tuple(dict.fromkeys((outputs.address, *servers)))


def _state_folder() -> Path:
    """Of this drill alone: it is worth nothing once the drill is over."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = drill_clean.states() / f"{moment}-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700, parents=True)
    return folder
