"""What rooms and libraries log: operators are told of what a room goes on in spite of, no more."""

import logging

import click

from liferaft_cli import process


def direct() -> None:
    """Let the rooms' warnings go to stderr, and nothing else anywhere."""
    logging.getLogger().addHandler(logging.NullHandler())  # libraries do not talk to operators,
    logging.captureWarnings(capture=True)  # nor do their warnings to developers
    logging.getLogger("liferaft").handlers = [_Warnings(logging.WARNING)]


class _Warnings(logging.Handler):
    """What rooms go on in spite of is said as it happens, above the progress."""

    def emit(self, record: logging.LogRecord) -> None:
        click.secho(record.getMessage(), fg="yellow", err=True, color=process.colour())
