"""`liferaft drill schedule`: what plays drills by itself."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from liferaft_cli import opening, options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft.config import Config
    from liferaft.moves.drill_schedule import DrillSchedule


class Form(Protocol):
    """A way in which a schedule is written."""

    @property
    def then(self) -> str: ...

    def files(self) -> "Mapping[str, str]": ...


@click.command()
@options.argument("often", type=click.Choice(["daily", "weekly", "monthly"]))
@options.option("--on", "site", metavar="SITE", required=True, help="The site that is tried.")
@options.option(
    "--as",
    "form",
    type=click.Choice(["systemd", "crontab", "github"]),
    default="systemd",
    show_default=True,
    help="A service and its timer, a line of a crontab, or a workflow of GitHub Actions.",
)
@options.option(
    "--data", "data_only", is_flag=True, help="Play drills of the data alone: no application."
)
@options.option("--to", "folder", metavar="FOLDER", help="Write it there.")
@options.config
def schedule(
    often: str, *, site: str, form: str, data_only: bool, folder: str | None, config_path: Path
) -> None:
    """Show what plays a drill of SITE daily, weekly or monthly; write it with --to.

    It is for a machine of the operators, with their age identity and the variables that are named,
    and no server of the application; or for GitHub, whose secrets hold them. It begins by night, at
    a moment that the names of application and site choose, up to an hour late. systemd makes up for
    one that was missed while the machine was off; cron and GitHub do not. Beside a real move or
    another drill it does nothing, and fails: its log says why. With --data it begins in the
    evening, so that such drills may be played beside whole ones.

    Example: liferaft drill schedule weekly --on hetzner --to /etc/systemd/system
    """
    found = opening.open_configuration(config_path)
    plays = _schedule(found, often, site, data_only=data_only)
    made = _formed(form, plays, found.config, config_path.resolve())
    for name, text in made.files().items():
        if folder is None:
            click.echo(f"# {name}\n{text}")
        else:
            _write(Path(folder) / name, text)
            click.echo(str(Path(folder) / name))
    click.echo(f"Then: {made.then}", err=True)
    if said := plays.disagreement(found.config.drill.asked(data_only=data_only).get(site)):
        click.secho(said, fg="yellow", err=True)


def _schedule(found: opening.Opened, often: str, site: str, *, data_only: bool) -> "DrillSchedule":
    from liferaft.moves.drill_schedule import DrillSchedule, Often
    from liferaft.moves.facts import require_site

    require_site(found.config, site)
    return DrillSchedule(
        app=found.config.app.name,
        site=site,
        often=Often(often),
        deadline=found.config.drill.deadline,
        variables=_variables(found, site),
        data_only=data_only,
    )


def _formed(form: str, plays: "DrillSchedule", config: "Config", file: Path) -> Form:
    from liferaft.moves.drill_crontab import DrillCrontab
    from liferaft.moves.drill_timer import DrillTimer
    from liferaft.moves.drill_workflow import DrillWorkflow

    if form == "github":
        return DrillWorkflow(
            plays,
            _in_repository(file),
            _packages(config),
            tuple(name for name in plays.variables if name in _named_files(config, plays)),
        )
    kind = DrillCrontab if form == "crontab" else DrillTimer
    return kind(plays, _program(), file)


def _program() -> Path:
    """The command as it is installed here."""
    beside = Path(sys.executable).parent / "liferaft"
    return beside if beside.exists() else Path(sys.argv[0]).resolve()


def _variables(found: opening.Opened, site: str) -> tuple[str, ...]:
    """Names of those that the configuration asks for; those of the site's cloud, and of keys that
    may do less, as far as they are set here."""
    from liferaft.clouds.registry import entry
    from liferaft.config import resolve
    from liferaft.config.credentials import VariablesMissing
    from liferaft.config.values import environment_name

    config, cloud = found.config, entry(found.config.sites[site].cloud).variables
    lesser = ("LIFERAFT_HOSTS_VAULT_", "LIFERAFT_READING_VAULT_")
    names = {name for name in os.environ if name.startswith((*cloud, *lesser))}
    told = map(environment_name, (*config.notify.urls, config.drill.ping))
    names |= {name for name in told if name is not None}
    try:
        resolve(config, {}, site=site)
    except VariablesMissing as missing:
        names |= set(missing.names)
    return tuple(sorted(names))


def _named_files(config: "Config", plays: "DrillSchedule") -> set[str]:
    """Variables that hold the path of a file."""
    from liferaft.config.values import environment_name

    authorities = (
        *(vault.ca_file for vault in config.vaults.values()),
        *(config.tls.ca_file, config.tls.acme_ca_file),
    )
    names = {name for name in map(environment_name, authorities) if name}
    by_name = {name for name in plays.variables if name.endswith(("_FILE", "_CREDENTIALS"))}
    return names | by_name


def _packages(config: "Config") -> tuple[str, ...]:
    """liferaft as it is installed here, and what the classes of DNS vendors are from."""
    from importlib.metadata import packages_distributions, version

    classes = (vendor.class_name for vendor in config.dns.vendors.values())
    owners = packages_distributions()
    names = {name for one in classes for name in owners.get(one.partition(".")[0], ())}
    return tuple(f"{name}=={version(name)}" for name in ("liferaft", *sorted(names)))


def _in_repository(file: Path) -> str:
    """Relative to the repository that it is in; its own folder's, where it is in none."""
    root = next((one for one in file.parents if (one / ".git").exists()), file.parent)
    return file.relative_to(root).as_posix()


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
