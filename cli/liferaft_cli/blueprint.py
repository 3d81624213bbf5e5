"""`liferaft blueprint`: what describes the application, out of a vault, for a laptop that has
nothing but the vault's keys and an age identity."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liferaft_cli import options

if TYPE_CHECKING:
    from liferaft.config import VaultConfig
    from liferaft.recovery.blueprint import KeptBlueprint


@click.command()
@options.argument("url")
@options.option("--app", required=True, metavar="NAME", help="The application: `name` in [app].")
@options.option(
    "--into",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    help="A folder that is not there yet, or is empty.",
)
@options.option("--endpoint", metavar="URL", help="The store's; AWS's own without.")
@options.option("--region", default="us-east-1", show_default=True, help="Of the store.")
@options.option("--ca-file", metavar="FILE", help="A PEM file of an authority of the store's own.")
@options.option(
    "--vault",
    "name",
    default="main",
    show_default=True,
    metavar="NAME",
    help="Which variables hold its keys: LIFERAFT_VAULT_NAME_ACCESS_KEY_ID and "
    "…_SECRET_ACCESS_KEY.",
)
@options.as_json
def blueprint(
    url: str,
    *,
    app: str,
    folder: Path,
    endpoint: str | None,
    region: str,
    ca_file: str | None,
    name: str,
    as_json: bool,
) -> None:
    """Write liferaft.toml, the Compose file and the program out of a vault into FOLDER.

    They are as the newest deploy or snapshot kept them. Read them before you run anything: the
    program runs with your credentials. Nothing is written into the vault.

    JSON: `folder`, `configuration`, `epoch`, `at`, `sha256`, `files`, `left_out`, `variables` (to
    be set, with their files), `missing` (variables that the environment lacks).

    Example: liferaft blueprint s3://chirp-vault --app chirp --endpoint https://objects.example
    --into chirp
    """
    from liferaft.recovery import written_out

    told = {"url": url, "endpoint": endpoint, "region": region, "ca_file": ca_file}
    vault = _named({key: value for key, value in told.items() if value is not None})
    written_out.require_room(folder)
    kept = _fetch(vault, name, app)
    written_out.write(kept.blueprint, folder)
    configuration = folder / kept.blueprint.configuration
    variables = {
        variable: str((folder / path).resolve())
        for variable, path in kept.blueprint.variables.items()
    }
    lacking, problem = _missing(configuration, {**os.environ, **variables})
    if as_json:
        answer = {
            "folder": str(folder),
            "configuration": str(configuration),
            "epoch": kept.epoch,
            "at": kept.at,
            "sha256": kept.blueprint.digest,
            "files": sorted(kept.blueprint.files),
            "left_out": list(kept.blueprint.left_out),
            "variables": variables,
            "missing": lacking,
        }
        click.echo(json.dumps(answer, indent=2))
        return
    _tell(kept, configuration, variables, lacking)
    if problem:
        click.echo(problem, err=True)


def _named(told: dict[str, str]) -> "VaultConfig":
    """Raises BadInput for what is no vault."""
    from pydantic import ValidationError

    from liferaft.config import VaultConfig
    from liferaft.failures import BadInput

    try:
        return VaultConfig.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        valid = VaultConfig.model_fields[str(first["loc"][0])].description
        raise BadInput(
            f"{first['loc'][0]} {told.get(str(first['loc'][0]))!r} is not valid: {valid}",
            safe="Nothing was done.",
        ) from error


def _fetch(told: "VaultConfig", name: str, app: str) -> "KeptBlueprint":
    from liferaft.config import resolve_vault
    from liferaft.moves.facts import current_epoch
    from liferaft.recovery import blueprint as blueprints
    from liferaft.vault import open_vault

    credentials, identity = resolve_vault(name, told, os.environ)
    vault = open_vault(name, told, credentials, prefix=app)
    return blueprints.newest(vault, current_epoch(vault).epoch, identity)


def _missing(configuration: Path, environ: dict[str, str]) -> tuple[list[str], str]:
    """Variables that the configuration needs besides, and what else is wrong with it here."""
    from liferaft.config import VariablesMissing, load, resolve
    from liferaft.data.registry import configs
    from liferaft.failures import Failure

    try:
        resolve(load(configuration, configs()), environ)
    except VariablesMissing as missing:
        return list(missing.names), ""
    except Failure as failure:
        return [], failure.facts.happened
    return [], ""


def _tell(
    kept: "KeptBlueprint", configuration: Path, variables: dict[str, str], lacking: list[str]
) -> None:
    count = len(kept.blueprint.files)
    click.echo(f"{count} files, kept at {kept.at} in epoch {kept.epoch}: {configuration.parent}")
    click.echo(f"sha256 of them all: {kept.blueprint.digest}")
    for sentence in kept.blueprint.left_out:
        click.echo(sentence)
    click.echo("Read them before you run anything: the program runs with your credentials. Then:")
    for variable, path in variables.items():
        click.echo(f"  export {variable}={path}")
    for variable in lacking:
        click.echo(f"  export {variable}=…")
    click.echo(f"  liferaft status --config {configuration}")
