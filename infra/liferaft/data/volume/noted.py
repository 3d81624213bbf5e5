"""As of when a vault has all of a volume, by the keeper's own note there: what is known of it where
its server can be asked no more."""

import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from liferaft.data.volume.program import folder
from liferaft.data.volume.volumekeeping.kept import moment_of
from liferaft.vault import KeyMissing, Vault, VaultFailure

_NOTE: Final = re.compile(r".*/([0-9TZ.]+)-[0-9a-f]{64}")


def noted_until(vault: Vault, epoch: int, name: str) -> datetime | None:
    """None where nothing is kept under this epoch. A note that cannot be read still says by its
    name of when its snapshot is. Blocks. Raises VaultFailure where the vault does not answer."""
    listed = ((_NOTE.fullmatch(key), key) for key in vault.list(f"{folder(epoch, name)}/kept"))
    notes = [(moment_of(found[1]), key) for found, key in listed if found]
    if not notes:
        return None
    moment, key = max(notes)
    with suppress(KeyMissing, VaultFailure, ValueError, KeyError, TypeError):
        return max(moment, datetime.fromisoformat(json.loads(vault.get(key))["until"]))
    return moment.astimezone(UTC)
