"""The report that every run ends in: kept in the vaults and on this machine, in nobody's way."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from liferaft.failures import Failure
from liferaft_cli import folders, signing

if TYPE_CHECKING:
    from liferaft.evidence.kept import KeptReport
    from liferaft.secrets import Signer
    from liferaft.site.world import World
    from liferaft.vault import Vault


def keep_after(world: "World", *, of_drill_in: "Vault | None" = None) -> None:
    """Render and sign the report of a run that has ended here, however it ended. Whatever fails is
    told: the move itself is what it is. of_drill_in: the vaults that have a drill's journal, to
    which its world writes nothing."""
    from liferaft.evidence.kept import keep_report
    from liferaft.journal import RunName
    from liferaft.vault import layout
    from liferaft_cli import bugs

    run, vault = world.run.name, of_drill_in or world.site.vault
    among = layout.RUNS if of_drill_in is None else layout.DRILL_RUNS
    try:
        if RunName.is_one(run) and vault.list(RunName.parse(run, among).folder):
            kept = keep_report(vault, RunName.parse(run, among), _signer(world))
            tell_trouble(kept)
            write_files(kept)
            click.echo(f"Its report: liferaft report open {run}", err=True)
    except (Failure, OSError) as failure:
        _tell_missing(run, str(failure))
    except Exception as error:  # noqa: BLE001 - a defect of the report does not undo the move
        _tell_missing(run, bugs.report(error).facts.happened)


def _signer(world: "World") -> "Signer | None":
    """A run that ended before there were secrets has nobody who signs for it."""
    import asyncio

    try:
        secrets = asyncio.run(world.site.secrets())
    except Failure as failure:
        click.secho(f"The report is not signed: {failure}", fg="yellow", err=True)
        return None
    return signing.signer_of(world.site.config.app.name, secrets)


def _tell_missing(run: str, why: str) -> None:
    click.secho(f"NO REPORT of run {run} was kept: {why}", fg="yellow", err=True)
    click.echo("Safe: What the run did is done, and its journal is kept.", err=True)
    click.echo(f"Now:  liferaft report show {run} renders it again.", err=True)


def tell_trouble(kept: "KeptReport") -> None:
    """Say where a report could not be kept."""
    if kept.trouble is not None:
        click.secho(f"The report is in no vault: {kept.trouble}", fg="yellow", err=True)


def write_files(kept: "KeptReport") -> Path:
    """Write the report beside the journal's copy on this machine; where its page is."""
    folder = folders.state() / "runs" / kept.document.run
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for form, body in kept.files.items():
        (folder / f"report.{form}").write_bytes(body)
    return folder / "report.html"
