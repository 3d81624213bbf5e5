"""`liferaft status --check` and `--prometheus`: what watchers from outside read."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Final, NoReturn

import click

from liferaft_cli import keys_told, looking, opening

POINT: Final = timedelta(hours=26)
"""A point a day, and time to take it."""
ARCHIVE: Final = timedelta(minutes=5)
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def read_age(ctx: click.Context, parameter: click.Parameter, value: str | None) -> timedelta | None:
    """A number with its unit: `90s`, `5m`, `26h`, `2d`."""
    if value is None:
        return None
    found = re.fullmatch(r"(\d{1,6})([smhd])", value)
    if found is None or not int(found[1]):
        raise click.BadParameter(f"{value!r} is no age such as 90s, 5m, 26h or 2d", ctx, parameter)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def check(
    config_path: Path, point_age: timedelta | None, archive_age: timedelta | None
) -> NoReturn:
    """Print the line, and exit by it. What cannot be read is UNKNOWN, and never silent."""
    from liferaft.evidence.drills_due import missed_drills
    from liferaft.evidence.jobs import failing
    from liferaft.evidence.loss import silences
    from liferaft.evidence.watch import Limits, Severity, alarms, severity_of
    from liferaft.evidence.watching import check_line, unknown_line
    from liferaft.failures import Failure
    from liferaft.vault.tried import last_tried

    limits = Limits(point_age or POINT, archive_age or ARCHIVE)
    try:
        opened = opening.open_configuration(config_path)
        seen, tried = looking.look(opened), last_tried(opened.vault)
    except Failure as failure:
        click.echo(unknown_line(failure.facts.happened))
        raise click.exceptions.Exit(Severity.UNKNOWN) from failure
    missed = missed_drills(seen.drills, seen.watched.at)
    more = (*silences(seen.loss), *missed, *failing(seen.jobs))
    found = alarms(seen.watched, limits, more)
    beside = keys_told.in_short(tried, opened, seen.watched.at)
    line = check_line(seen.watched, found, limits, seen.loss, seen.drills, beside=beside)
    click.echo(line)
    raise click.exceptions.Exit(severity_of(found))


def print_prometheus(config_path: Path) -> None:
    """Print Prometheus' text."""
    from liferaft.evidence.watching import prometheus

    seen = looking.look(opening.open_configuration(config_path))
    click.echo(prometheus(seen.watched, seen.loss, seen.drills, seen.jobs), nl=False)
