"""Who signs reports, and by which public key they are checked: the application's own."""

import os
from typing import TYPE_CHECKING

import click

from liferaft.failures import Failure
from liferaft_cli import opening

if TYPE_CHECKING:
    from liferaft.secrets import AppSecrets, Signer


def signer_of(app: str, secrets: "AppSecrets") -> "Signer":
    """By the secrets that a run has opened."""
    from liferaft.evidence.kept import NAMESPACE
    from liferaft.secrets import Signer

    return Signer.of(app, NAMESPACE, secrets)


def require_signer(found: opening.Opened) -> "Signer":
    """Opens the application's secrets of today. Raises Refused before there are some, and what
    opening them raises."""
    from liferaft.config import resolve
    from liferaft.moves.facts import current_epoch
    from liferaft.secrets import read_secrets

    credentials = resolve(found.config, os.environ)
    epoch = current_epoch(found.vault).epoch
    return signer_of(
        found.config.app.name, read_secrets(found.vault, epoch, credentials.identity_file)
    )


def find_signer(found: opening.Opened) -> "Signer | None":
    """The same; None where there is none, which is told: a report is shown without one too."""
    try:
        return require_signer(found)
    except Failure as failure:
        click.secho(f"Nothing is signed or checked: {failure}", fg="yellow", err=True)
        return None
