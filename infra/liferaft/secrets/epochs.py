"""Where the app's secrets rest: sealed, one object for each epoch, in a vault.

Once an operator has changed one, the newest link of their chain counts for every epoch.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from liferaft.secrets.app import AppSecrets
from liferaft.secrets.box import seal, unseal
from liferaft.secrets.chain import SecretsChain
from liferaft.vault import PUT_BACK, Damaged, KeyMissing, Vault
from liferaft.vault.layout import EpochKeys

_log = logging.getLogger(__name__)


def read_secrets(vault: Vault, epoch: int, identity_file: Path) -> AppSecrets:
    """The secrets of an epoch. Raises KeyMissing if that epoch has none (yet), and what
    `SecretsChain.newest` raises.

    They are carried unchanged from epoch to epoch: where the object of this one is damaged, that of
    an earlier one is read, and this is told. Raises Damaged when there is none.
    """
    changed = SecretsChain(vault).newest(identity_file)
    if changed is not None:
        return changed.app
    try:
        sealed = vault.get(EpochKeys(epoch).secrets)
    except Damaged as damage:
        sealed = _of_an_earlier_epoch(vault, epoch, damage)
    return AppSecrets.from_document(unseal(sealed, identity_file))


def require_whole(vault: Vault, epoch: int) -> Damaged | None:
    """Raise Damaged unless the secrets of an epoch can be read, without opening them. Where those
    of an earlier one stand in for it: the damage. Blocks."""
    SecretsChain(vault).told()
    try:
        vault.get(EpochKeys(epoch).secrets)
    except KeyMissing:
        raise Damaged(
            *(vault.name, EpochKeys(epoch).secrets, "it is not there"),
            do=f"{PUT_BACK} Your age identity has nothing to do with it.",
        ) from None
    except Damaged as damage:
        _of_an_earlier_epoch(vault, epoch, damage)
        return damage
    return None


def are_kept(vault: Vault, epoch: int) -> bool:
    """Whether this very epoch has secrets that are whole. Blocks."""
    try:
        vault.get(EpochKeys(epoch).secrets)
    except (KeyMissing, Damaged):
        return False
    return True


def _of_an_earlier_epoch(vault: Vault, epoch: int, damage: Damaged) -> bytes:
    for earlier in range(epoch - 1, 0, -1):
        try:
            sealed = vault.get(EpochKeys(earlier).secrets)
        except (KeyMissing, Damaged):
            continue
        _log.warning("%s. Those of epoch %d are the same and are used.", damage, earlier)
        return sealed
    raise damage.mended_by(f"{PUT_BACK} Your age identity has nothing to do with it.") from None


def ensure_secrets(
    vault: Vault, epoch: int, *, recipients: Sequence[str], identity_file: Path
) -> AppSecrets:
    """The secrets of an epoch; generated and stored if it has none. This object never changes."""
    try:
        return _mend(vault, epoch, recipients, identity_file)
    except KeyMissing:
        return _store(vault, epoch, AppSecrets.generate(), recipients, identity_file)


def carry_secrets(
    vault: Vault, *, old: int, new: int, recipients: Sequence[str], identity_file: Path
) -> AppSecrets:
    """The secrets of the epoch `old`, stored under `new` as well, for the recipients of today.

    Done already, it changes nothing. Raises KeyMissing if the old epoch has none.
    """
    try:
        return _mend(vault, new, recipients, identity_file)
    except KeyMissing:
        kept = read_secrets(vault, old, identity_file)
        return _store(vault, new, kept, recipients, identity_file)


def _mend(vault: Vault, epoch: int, recipients: Sequence[str], identity_file: Path) -> AppSecrets:
    """The secrets of an epoch, its object written again if it was damaged. Raises KeyMissing."""
    found = read_secrets(vault, epoch, identity_file)
    try:
        vault.get(EpochKeys(epoch).secrets)
    except Damaged:
        vault.put(EpochKeys(epoch).secrets, seal(found.to_document(), recipients))
    except KeyMissing:
        _store(vault, epoch, found, recipients, identity_file)
    return found


def _store(
    vault: Vault, epoch: int, made: AppSecrets, recipients: Sequence[str], identity_file: Path
) -> AppSecrets:
    sealed = seal(made.to_document(), recipients)
    # Opened before it is kept: secrets that this operator cannot read back must not become final.
    AppSecrets.from_document(unseal(sealed, identity_file))
    if vault.create(EpochKeys(epoch).secrets, sealed):
        return made
    return read_secrets(vault, epoch, identity_file)
