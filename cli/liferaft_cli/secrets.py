"""`liferaft secrets`: the application's own secrets, in the vaults, encrypted for its operators."""

import click

from liferaft_cli.lazy import LazyCommand, LazyGroup


@click.group(cls=LazyGroup)
def secrets() -> None:
    """The application's own secrets: in every vault, encrypted for the operators."""


for _name, _place, _summary in (
    (
        "add-operator",
        "secrets_operators:add_operator",
        "Let the operator of RECIPIENT, an age public key, open secrets and blueprint.",
    ),
    ("edit", "secrets_edit:edit", "Edit all secrets in an editor: VISUAL, EDITOR, or vi."),
    (
        "list",
        "secrets_list:list_secrets",
        "List secrets: when each was set, by whom, and which services are told it. No value.",
    ),
    (
        "prove",
        "secrets_prove:prove",
        "Open the secrets with your identity, and note in every vault that it did.",
    ),
    (
        "remove-operator",
        "secrets_operators:remove_operator",
        "Encrypt what is kept from now on for everybody but the operator of RECIPIENT.",
    ),
    (
        "rotate",
        "secrets_rotate:rotate",
        "Give secret NAME a new value: drawn, where liferaft.toml says `generate`, else as `set`.",
    ),
    (
        "set",
        "secrets_set:set_secret",
        "Give secret NAME a value: typed, from a file, or from standard input.",
    ),
):
    secrets.add_command(LazyCommand(_name, f"liferaft_cli.{_place}", _summary))
