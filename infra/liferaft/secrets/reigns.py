"""Where the app's secrets rest: sealed, one object for each epoch, in a vault."""

from collections.abc import Sequence
from pathlib import Path

from liferaft.secrets.app import AppSecrets
from liferaft.secrets.box import seal, unseal
from liferaft.vault import KeyMissing, Vault


def secrets_key(epoch: int) -> str:
    """The object of an epoch: `epoch-00000001/secrets.age`."""
    return f"epoch-{epoch:08}/secrets.age"


def read_secrets(vault: Vault, epoch: int, identity_file: Path) -> AppSecrets:
    """The secrets of an epoch. Raises KeyMissing if that epoch has none (yet)."""
    return AppSecrets.from_document(unseal(vault.get(secrets_key(epoch)), identity_file))


def ensure_secrets(
    vault: Vault, epoch: int, *, recipients: Sequence[str], identity_file: Path
) -> AppSecrets:
    """The secrets of an epoch; generated and stored if it has none. They never change after."""
    try:
        return read_secrets(vault, epoch, identity_file)
    except KeyMissing:
        return _store(vault, epoch, AppSecrets.generate(), recipients, identity_file)


def carry_secrets(
    vault: Vault, *, old: int, new: int, recipients: Sequence[str], identity_file: Path
) -> AppSecrets:
    """The secrets of the epoch `old`, stored under `new` as well, for the recipients of today.

    Done already, it changes nothing. Raises KeyMissing if the old epoch has none.
    """
    try:
        return read_secrets(vault, new, identity_file)
    except KeyMissing:
        kept = read_secrets(vault, old, identity_file)
        return _store(vault, new, kept, recipients, identity_file)


def _store(
    vault: Vault, epoch: int, made: AppSecrets, recipients: Sequence[str], identity_file: Path
) -> AppSecrets:
    sealed = seal(made.to_document(), recipients)
    # Opened before it is kept: secrets that this operator cannot read back must not become final.
    AppSecrets.from_document(unseal(sealed, identity_file))
    if vault.create(secrets_key(epoch), sealed):
        return made
    return read_secrets(vault, epoch, identity_file)
