"""`liferaft drill`: a failover on trial, in isolation, and gone again."""

import json
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liferaft.failures import BadInput
from liferaft_cli import (
    alarming,
    drill_clean,
    drill_told,
    exits,
    folders,
    keeping,
    opening,
    options,
    running,
    screen,
    signing,
)
from liferaft_cli.lazy import DefaultGroup, LazyCommand

if TYPE_CHECKING:
    from liferaft.moves.drill_verdict import DrillVerdict
    from liferaft.moves.drilling import PlannedDrill


LISTED = 20


class DrillGroup(DefaultGroup):
    """`drill SITE` is `drill run SITE`."""

    default = "run"

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["[SITE] [OPTIONS] | COMMAND [ARGS]..."]


@click.group(cls=DrillGroup)
def drill() -> None:
    """Try a failover to SITE for real, harming nobody: in isolation, proven, and deleted again.

    `liferaft drill SITE` is `liferaft drill run SITE`.

    Example: liferaft drill hetzner
    """


@drill.command("run")
@options.argument("site", required=False)
@options.point
@options.option(
    "--data", "data_only", is_flag=True, help="Try the data alone: on one server, no application."
)
@options.option("--clean", is_flag=True, help="Delete what earlier drills left at any cloud.")
@options.config
@options.yes
@options.take_over
@options.as_json
@alarming.alarmed
def run(
    site: str | None,
    *,
    point: str | None,
    data_only: bool,
    clean: bool,
    config_path: Path,
    yes: bool,
    take_over: bool,
    as_json: bool,
) -> None:
    """Play the failover to SITE beside it, prove the application there, delete all of it.

    The same steps as those of a failover, with servers, network, address and bucket of their own:
    nothing of the standby's, of the site that reigns, of DNS or of what lies in the vaults is
    touched, but for the drill's own records. What comes back is a copy that archives nothing. It
    gives way to a real move. Without SITE: the only standby.

    JSON: `run`, `site`, `data_only`, `good`, `gave_way` (to a real move), `rto_seconds` (of --data:
    until it took writes), `rpo_seconds`, `reason` (why it would not have worked, or null), `missed`
    (which of [targets] were not kept, a sentence each), `left` (why something of it may still be
    there, or null), `hidden_dependencies` (what was asked for outside and denied, a sentence each),
    `costs` (`sentence`, `amount`: null where no price is known, `currency`, `server_seconds`).

    Example: liferaft drill run hetzner
    """
    found = opening.open_configuration(config_path)
    if clean:
        drill_clean.clean(found, yes=yes, take_over=take_over, as_json=as_json)
        return
    planned = _planned(found, site or _only_standby(found), point, data_only=data_only)
    screen.show_plan(planned.shown)
    if not screen.ask("Play it?", yes=yes):
        drill_clean.forget_state(planned.world.site)
        click.echo("Nothing was done.", err=True)
        raise click.exceptions.Exit(exits.DECLINED)
    verdict = _played(planned, take_over=take_over)
    if verdict.left is None:
        drill_clean.forget_state(planned.world.site)
    if as_json:
        click.echo(json.dumps(verdict.to_json(), indent=2))
    alarming.tell(verdict, config_path, drill_told.tell)


drill.add_command(
    LazyCommand(
        "schedule",
        "liferaft_cli.drill_schedule:schedule",
        "Show what plays a drill of SITE daily, weekly or monthly; write it with --to.",
    )
)


@drill.command("list")
@options.option("--all", "every", is_flag=True, help=f"All drills, not the newest {LISTED} alone.")
@options.config
@options.as_json
def list_drills(*, every: bool, config_path: Path, as_json: bool) -> None:
    """List drills with their verdicts, the newest first, and how each site's have gone.

    JSON: `drills` (a list of `run`, `move`, `site`, `began`, `state`, `sentence`, `seconds`, `rto`,
    `rpo`, `cost`, `currency`, `data_only`) and `trends` (`site`, `drills`, `came_back`,
    `newest_rto`, `rto_p95`: of those before it, null where there are fewer than five; `is_slower`).

    Example: liferaft drill list
    """
    from liferaft.evidence.listed import listed
    from liferaft.evidence.trend import trends
    from liferaft.vault import layout

    opened = opening.open_configuration(config_path)
    signer, newest = signing.find_signer(opened), None if every else LISTED
    rows = listed(opened.vault, newest, signer, among=(layout.DRILL_RUNS,))
    gone = list(trends(rows))
    if as_json:
        told = {
            "drills": [one.to_json() for one in rows],
            "trends": [one.to_json() for one in gone],
        }
        click.echo(json.dumps(told, indent=2))
        return
    for row in rows:
        click.echo(f"{row.run}  {row.sentence}")
    for one in gone:
        click.echo(one.sentence)
    if not rows:
        click.echo("There was no drill yet.")


def _only_standby(found: opening.Opened) -> str:
    from liferaft.moves.facts import current_epoch

    reigns = current_epoch(found.vault).site
    names = [name for name in found.config.sites if name != reigns]
    if len(names) == 1:
        return names[0]
    raise BadInput(
        "There are several sites that a drill could try",
        safe="Nothing was done.",
        do=f"Name one of: {', '.join(sorted(names))}.",
    )


def _planned(
    found: opening.Opened, standby: str, point: str | None, *, data_only: bool
) -> "PlannedDrill":
    """Read what it begins from, whole; what it costs is said."""
    import asyncio

    from liferaft.moves import drill as drill_move
    from liferaft.moves import facts
    from liferaft.moves.data_drill import one_server
    from liferaft.moves.drilling import PlannedDrill
    from liferaft.moves.preflight import require_whole
    from liferaft.moves.trial_costs import hourly_cost, require_affordable
    from liferaft.moves.trial_site import (
        apart,
        open_trial,
        require_described,
        trial_config,
        trial_site,
    )
    from liferaft.site.world import World

    config = trial_config(found.config, standby)
    require_described(config)
    if data_only:
        config = one_server(config)
    seen = apart(found.vault, standby)
    read = facts.for_failover(config, seen, trial_site(standby), point)
    forbidden = asyncio.run(_addresses_of(found, read.from_site))
    inputs = drill_move.inputs_for(read, standby, forbidden, data_only=data_only)
    config = config.on(read.system)
    there = open_trial(
        *(config, seen, os.environ),
        standby=standby,
        secrets_epoch=inputs.secrets_epoch,
        state=_state_folder(),
    )
    plan = drill_move.plan(config, inputs)
    notes = asyncio.run(require_whole(there, plan, running=True))
    cost = hourly_cost(there)
    require_affordable(cost, there.ends_after or 0, config)
    screen.show_notes([*notes, cost.sentence(there.ends_after or 0)])
    return PlannedDrill(
        plan,
        drill_move.afterword(config, inputs),
        drill_move.teardown(inputs),
        World.of(there),
        found.vault,
        inputs,
        cost,
    )


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


def _played(planned: "PlannedDrill", *, take_over: bool) -> "DrillVerdict":
    import asyncio

    from liferaft.moves.drilling import run_drill

    try:
        with screen.PlanProgress(planned.shown) as progress:
            work = run_drill(
                planned, folder=folders.state() / "runs", watch=progress, take_over=take_over
            )
            return asyncio.run(running.interruptible(work))
    finally:
        keeping.keep_after(planned.world, of_drill_in=planned.vault)
