"""Options that several commands share."""

from pathlib import Path

import click

config = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    default=Path("liferaft.toml"),
    show_default=True,
    help="The configuration.",
)
yes = click.option("--yes", is_flag=True, help="Do not ask; the plan is agreed to.")
as_json = click.option("--json", "as_json", is_flag=True, help="For machines, on stdout.")
take_over = click.option(
    "--take-over",
    is_flag=True,
    help="Take the operation lease from another operator whose run will not end.",
)
