"""The option for what a sandbox's hosts run."""

import click

from liferaft_cli import options
from liferaft_sandbox.lab.systems import DEFAULT, SYSTEMS, VARIABLE

system_option = options.option(
    "--system",
    type=click.Choice(tuple(SYSTEMS)),
    default=DEFAULT,
    show_default=True,
    envvar=VARIABLE,
    help="What hosts run.",
)
