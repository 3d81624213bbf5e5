"""`liferaft secrets`: the application's own secrets, in the vaults, encrypted for its operators."""

import click

from liferaft_cli.lazy import LazyCommand, LazyGroup


@click.group(cls=LazyGroup)
def secrets() -> None:
    """The application's own secrets: in every vault, encrypted for the operators."""


secrets.add_command(
    LazyCommand(
        "list",
        "liferaft_cli.secrets_list:list_secrets",
        "List secrets: when each was set, by whom, and which services are told it. No value.",
    )
)
secrets.add_command(
    LazyCommand(
        "set",
        "liferaft_cli.secrets_set:set_secret",
        "Give secret NAME a value: typed, from a file, or from standard input.",
    )
)
