"""The chain of what the application's secrets are: `secrets/00000001`, …, in every vault.

Each change is a link that holds all of them, created once and never changed. So of two operators
who change something at once one is told; a command that was killed between two vaults leaves a
link that is whole or none; and a vault that was away is brought links as it is brought epochs.
"""

from pathlib import Path

from liferaft.failures import Held
from liferaft.secrets.kept import KeptSecrets, ToldSecrets, opened, told_by
from liferaft.vault import PUT_BACK, Damaged, NumberedChain, Vault
from liferaft.vault.chain import Link
from liferaft.vault.layout import SECRETS

_SAFE = "Nothing was changed, and no older secret was taken for it."


class SecretsChain:
    """Calls block. An application that nobody changed a secret of has no link."""

    def __init__(self, vault: Vault) -> None:
        self._chain = NumberedChain(vault, SECRETS)

    def told(self) -> ToldSecrets | None:
        """What the newest link says in clear; None without one. Raises Damaged."""
        link = self._latest()
        return told_by(link.body) if link else None

    def newest(self, identity_file: Path) -> KeptSecrets | None:
        """The newest link, opened. Raises CannotOpen, Damaged, and Refused for one that somebody
        else has written."""
        link = self._latest()
        return opened(link.number, link.body, identity_file) if link else None

    def append(self, changed: KeptSecrets, identity_file: Path) -> KeptSecrets:
        """Keep secrets that were made of the newest link's, as it was read. Durable on return.

        Raises CannotOpen for what this operator could not read back, and Held where somebody else
        has changed a secret since.
        """
        number = changed.told.number + 1
        body = changed.to_link(number)
        kept = opened(number, body, identity_file)
        if not self._chain.append(number, body):
            raise Held(
                f"Somebody else has changed the application's secrets meanwhile (number {number})",
                safe="Nothing of this change was kept, and theirs was not overwritten.",
                do="Look at `liferaft secrets list`, then run the same command again.",
            )
        return kept

    def _latest(self) -> Link | None:
        try:
            return self._chain.latest()
        except Damaged as damage:
            raise damage.mended_by(
                f"{PUT_BACK} Your age identity has nothing to do with it.", safe=_SAFE
            ) from None
