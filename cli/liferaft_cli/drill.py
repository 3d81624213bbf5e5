"""`liferaft drill`: a failover on trial, in isolation, and gone again."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liferaft_cli import (
    alarming,
    drill_clean,
    drill_plan,
    drill_planned,
    drill_surprise,
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
@options.option("--at", "place", metavar="SITE|CLOUD", help="The same as SITE, or its cloud.")
@options.point
@options.option(
    "--deny",
    "without",
    metavar="NAME",
    multiple=True,
    help="Play it as if this vendor were gone: a vault, a DNS vendor, another cloud, ca, mirror or "
    "registry. May be given several times.",
)
@options.option("--surprise", is_flag=True, help="Let a seed pick the vendor that is missing.")
@options.option(
    "--seed", type=click.IntRange(0), help="Of --surprise: which one; by chance without."
)
@options.option(
    "--data", "data_only", is_flag=True, help="Try the data alone: on one server, no application."
)
@options.option(
    "--plan", "only_plan", is_flag=True, help="Ask what `doctor` asks, show the plan; make nothing."
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
    place: str | None,
    point: str | None,
    without: tuple[str, ...],
    surprise: bool,
    seed: int | None,
    data_only: bool,
    only_plan: bool,
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
    `without` (vendors that were missing), `seed`, `costs` (`sentence`, `amount`: null where no
    price is known, `currency`, `server_seconds`).
    With --plan that of `doctor`, and `drills`: `site`, `without`, `point`, `steps`, `hourly`,
    `currency`, `hours`, `back`, `notes`, `trouble` (why there would be none, or null).

    Example: liferaft drill run hetzner
    """
    _require_fitting(without, surprise=surprise, seed=seed, only_plan=only_plan)
    found = opening.open_configuration(config_path)
    if clean:
        drill_clean.clean(found, yes=yes, take_over=take_over, as_json=as_json)
        return
    if only_plan:
        names = [name for name in (site, place) if name is not None]
        meant = drill_planned.site_meant(found, *names) if names else None
        meaning = drill_planned.AskedDrill(meant or "", point, without, data_only=data_only)
        code = drill_plan.show(found, meaning, as_json=as_json)
        raise click.exceptions.Exit(code)
    standby = drill_planned.site_meant(found, site, place)
    asked = drill_planned.AskedDrill(standby, point, without, data_only=data_only)
    planned, notes = drill_planned.plan_drill(found, asked)
    screen.show_notes(notes)
    screen.show_plan(planned.shown)
    seed = drill_surprise.chosen_seed(seed)
    if surprise:
        drill_surprise.warn(found, asked, seed)
    if not screen.ask("Play it?", yes=yes):
        drill_clean.forget_state(planned.world.site)
        click.echo("Nothing was done.", err=True)
        raise click.exceptions.Exit(exits.DECLINED)
    if surprise:
        planned = drill_surprise.pick(found, asked, seed, planned)
    verdict = _played(planned, take_over=take_over)
    if verdict.left is None:
        drill_clean.forget_state(planned.world.site)
    if as_json:
        click.echo(json.dumps(verdict.to_json(), indent=2))
    alarming.tell(verdict, config_path, drill_told.tell)


def _require_fitting(
    without: tuple[str, ...], *, surprise: bool, seed: int | None, only_plan: bool
) -> None:
    if surprise and (without or only_plan):
        raise click.UsageError("--surprise goes with neither --deny nor --plan. Nothing was done.")
    if seed is not None and not surprise:
        raise click.UsageError("--seed goes with --surprise. Nothing was done.")


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
    `rpo`, `cost`, `currency`, `data_only`, `without`) and `trends` (`site`, `drills`, `came_back`,
    `newest_rto`, `rto_p95`: of those before it, null where there are fewer than five; `is_slower`;
    `with_missing`, `missing_came_back`: of drills without some vendor).

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
