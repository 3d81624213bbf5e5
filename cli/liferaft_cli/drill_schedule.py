"""`liferaft drill schedule`: a timer that plays drills."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liferaft_cli import opening, options

if TYPE_CHECKING:
    from liferaft.moves.drill_schedule import DrillTimer


@click.command()
@options.argument("often", type=click.Choice(["daily", "weekly", "monthly"]))
@options.option("--on", "site", metavar="SITE", required=True, help="The site that is tried.")
@options.option("--to", "folder", metavar="FOLDER", help="Write the units there.")
@options.config
def schedule(often: str, *, site: str, folder: str | None, config_path: Path) -> None:
    """Show a systemd timer that plays a drill of SITE daily, weekly or monthly; write it with --to.

    It is for a machine of the operators, with their age identity and the variables that the service
    names, and no server of the application. It begins by night, at a moment of its own, up to an
    hour late; one that was missed while the machine was off is made up for. Beside a real move it
    does nothing, and the service fails: its log says why.

    Example: liferaft drill schedule weekly --on hetzner --to /etc/systemd/system
    """
    timer = _timer(opening.open_configuration(config_path), often, site, config_path)
    for name, text in timer.files().items():
        if folder is None:
            click.echo(f"# {name}\n{text}")
        else:
            _write(Path(folder) / name, text)
            click.echo(str(Path(folder) / name))
    click.echo(
        f"Then: put the variables into {timer.environment}, and on that machine\n"
        f"  systemctl daemon-reload && systemctl enable --now {timer.name}.timer",
        err=True,
    )


def _timer(found: opening.Opened, often: str, site: str, config_path: Path) -> "DrillTimer":
    from liferaft.moves.drill_schedule import DrillTimer, Often
    from liferaft.moves.facts import require_site

    require_site(found.config, site)
    return DrillTimer(
        app=found.config.app.name,
        site=site,
        often=Often(often),
        liferaft=_program(),
        config=config_path.resolve(),
        deadline=found.config.drill.deadline,
        variables=_variables(found, site),
    )


def _program() -> Path:
    """The command as it is installed here."""
    beside = Path(sys.executable).parent / "liferaft"
    return beside if beside.exists() else Path(sys.argv[0]).resolve()


def _variables(found: opening.Opened, site: str) -> tuple[str, ...]:
    """Names of those that the configuration asks for; those of the site's cloud, as far as they are
    set here."""
    from liferaft.clouds.registry import entry
    from liferaft.config import resolve
    from liferaft.config.credentials import VariablesMissing

    cloud = entry(found.config.sites[site].cloud).variables
    names = {name for name in os.environ if cloud and name.startswith(cloud)}
    try:
        resolve(found.config, {}, site=site)
    except VariablesMissing as missing:
        names |= set(missing.names)
    return tuple(sorted(names))


def _write(path: Path, text: str) -> None:
    from liferaft.failures import BadInput

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    except OSError as error:
        raise BadInput(
            f"{path} cannot be written: {error.strerror or error}",
            safe="No timer was enabled.",
            do="Name another folder by --to.",
        ) from error
