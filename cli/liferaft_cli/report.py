"""`liferaft report`: the account of a run, from its journal."""

import json
from pathlib import Path

import click

from liferaft_cli import opening, options


@click.command()
@options.argument("run", required=False)
@options.config
@options.as_json
def report(run: str | None, *, config_path: Path, as_json: bool) -> None:
    """Tell what RUN did and how long each step took; without RUN, the newest one.

    JSON: `run`, `move`, `site`, `finished`, `seconds`, `critical_path_seconds`, `critical_path`,
    `recovered_until` (Unix seconds, failovers only) and `steps` (name, state, start, end: seconds
    since the run began; facts).

    Example: liferaft report
    """
    from liferaft.evidence.report import report_of

    found = report_of(opening.open_configuration(config_path).vault, run)
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2))
        return
    for line in found.lines():
        click.echo(line)
