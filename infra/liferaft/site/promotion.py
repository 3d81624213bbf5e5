"""Whether the database of an epoch has taken over: then the vault has a note of its history."""

import logging

from liferaft.vault import Damaged, KeyMissing, Vault
from liferaft.vault.layout import EpochKeys

_log = logging.getLogger(__name__)


def is_promoted(vault: Vault, epoch: int) -> bool:
    """Whether the timeline of an epoch is noted. A note that is damaged is none: the next deploy
    reads the timeline from the database and writes it anew. Blocks."""
    try:
        vault.get(EpochKeys(epoch).timeline)
    except KeyMissing:
        return False
    except Damaged as damage:
        _log.warning("%s. It is written anew.", damage)
        return False
    return True
