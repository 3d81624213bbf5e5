"""`liferaft report`: the account of a run, from its journal."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liferaft_cli import keeping, opening, options, signing
from liferaft_cli.lazy import DefaultGroup

if TYPE_CHECKING:
    from liferaft.evidence.kept import KeptReport

LISTED = 20


class ReportGroup(DefaultGroup):
    """`report` and `report RUN` mean `report show`."""

    default = "show"


@click.group(cls=ReportGroup)
def report() -> None:
    """Tell what a run did, how long each step took, and what it cost in time and data.

    Without the name of a command: `show`.
    """


@report.command()
@options.argument("run", required=False)
@options.option("--anew", is_flag=True, help="Render it again, though a vault has one.")
@options.config
@options.as_json
def show(run: str | None, *, anew: bool, config_path: Path, as_json: bool) -> None:
    """Tell what RUN did and how long each step took; without RUN, the newest one.

    JSON: as docs/report.schema.json describes it.

    Example: liferaft report show
    """
    from liferaft.evidence.screen_text import lines

    kept = _kept(opening.open_configuration(config_path), run, anew=anew)
    if as_json:
        click.echo(kept.files["json"].decode(), nl=False)
        return
    for line in lines(kept.document):
        click.echo(line)


@report.command("list")
@options.option("--all", "whole", is_flag=True, help=f"All runs, not the newest {LISTED} alone.")
@options.config
@options.as_json
def list_reports(*, whole: bool, config_path: Path, as_json: bool) -> None:
    """List runs with their verdicts, the newest first. One whose command died gets its report.

    JSON: a list of `run`, `move`, `site`, `began`, `state`, `sentence`, `seconds`, `rto`, `rpo`.

    Example: liferaft report list
    """
    from liferaft.evidence.listed import listed

    found = opening.open_configuration(config_path)
    rows = listed(found.vault, None if whole else LISTED, signing.find_signer(found))
    if as_json:
        click.echo(json.dumps([one.to_json() for one in rows], indent=2))
        return
    for row in rows:
        click.echo(f"{row.run}  {row.sentence}")
    if not rows:
        click.echo("The vault holds no run yet.")


@report.command("open")
@options.argument("run", required=False)
@options.config
def open_page(run: str | None, *, config_path: Path) -> None:
    """Write the report of RUN to a file and show it in a browser; without RUN, the newest one.

    Example: liferaft report open
    """
    import webbrowser

    path = keeping.write_files(_kept(opening.open_configuration(config_path), run))
    click.echo(str(path))
    if not (_has_screen() and webbrowser.open(path.as_uri())):
        click.echo("There is no browser here: open this file in one.", err=True)


@report.command()
@options.argument("run", required=False)
@options.option("--to", "folder", metavar="FOLDER", required=True, help="Made if it is not there.")
@options.config
def export(run: str | None, *, folder: str, config_path: Path) -> None:
    """Write the report of RUN into FOLDER for somebody else, with its signatures and the public key
    (`allowed_signers`); without RUN, of the newest one.

    Example: liferaft report export --to evidence
    """
    from liferaft.failures import BadInput

    found, there = opening.open_configuration(config_path), Path(folder)
    kept, signer = _kept(found, run), signing.find_signer(found)
    files = {f"{kept.document.run}.{form}": body for form, body in kept.files.items()}
    if signer is not None:
        files["allowed_signers"] = signer.allowed_signers.encode()
    try:
        there.mkdir(parents=True, exist_ok=True)
        for name, body in files.items():
            (there / name).write_bytes(body)
            click.echo(str(there / name))
    except OSError as error:
        raise BadInput(
            f"The report cannot be written to {folder}: {error.strerror or error}",
            safe="The vault has it still.",
            do="Name another folder by --to.",
        ) from error


@report.command()
@options.argument("what", metavar="[RUN|FILE]", required=False)
@options.option(
    "--signers",
    metavar="FILE",
    help="Whose signatures count: what `report export` called allowed_signers. Needs nothing else.",
)
@options.config
@options.as_json
def verify(what: str | None, *, signers: str | None, config_path: Path, as_json: bool) -> None:
    """Say whether the report of RUN, or FILE, is as it was signed, and by whom; without either, of
    the newest run. Exits 10 where a byte of it was changed, or nobody who may has signed it.

    JSON: a list of `what`, `by`.

    Example: liferaft report verify
    """
    from liferaft.evidence.report import run_meant
    from liferaft.evidence.verification import verify_file, verify_run

    if what is not None and Path(what).is_file():
        verified = [verify_file(Path(what), _allowed(config_path, signers))]
    else:
        found = opening.open_configuration(config_path)
        allowed = _allowed(config_path, signers)
        verified = [*verify_run(found.vault, run_meant(found.vault, what), allowed)]
    if as_json:
        click.echo(json.dumps([one.to_json() for one in verified], indent=2))
        return
    for one in verified:
        click.echo(f"{one.what}: as signed by {one.by}" if one.by else one.what)


def _allowed(config_path: Path, signers: str | None) -> str:
    """Who may sign, as OpenSSH writes it: by a file, or by the application's secrets."""
    from liferaft import texts
    from liferaft.failures import BadInput

    if signers is None:
        return signing.require_signer(opening.open_configuration(config_path)).allowed_signers
    try:
        return texts.read_text(Path(signers))
    except texts.Unreadable as reason:
        raise BadInput(f"{signers} cannot be read: {reason}") from reason


def _kept(found: opening.Opened, run: str | None, *, anew: bool = False) -> "KeptReport":
    """The report that is meant, rendered where the vault has none of all that happened."""
    from liferaft.evidence.kept import keep_report
    from liferaft.evidence.report import run_meant

    name = run_meant(found.vault, run)
    kept = keep_report(found.vault, name, signing.find_signer(found), anew=anew)
    keeping.tell_trouble(kept)
    return kept


def _has_screen() -> bool:
    """Without one, what Python finds is a browser for this terminal, perhaps."""
    return sys.platform == "darwin" or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())
