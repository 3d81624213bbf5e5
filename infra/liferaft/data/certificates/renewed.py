"""What a server keeps of certificates between two snapshots, as it noted it in every vault."""

import json
from contextlib import suppress

from liferaft.data.certificates.certkeeping.note import moment_of
from liferaft.recovery.part import Part
from liferaft.vault import Damaged, KeyMissing, Vault
from liferaft.vault.layout import EpochKeys


def newest_part(vault: Vault, part: Part) -> Part:
    """The part that was kept last: a recovery point's own, or a later one of the same reign. They
    lie in one place, so that is what a restore brings. Blocks."""
    with suppress(Damaged):
        kept = kept_part(vault, part.epoch)
        if kept is not None and moment_of(kept.taken_at) > moment_of(part.taken_at):
            return kept
    return part


def kept_part(vault: Vault, epoch: int) -> Part | None:
    """What the server noted; None where it has not. Blocks. Raises Damaged."""
    key = EpochKeys(epoch).kept_certificates
    try:
        return Part.from_json(json.loads(vault.get(key))["part"])
    except KeyMissing:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(vault.name, key, f"it is no note of certificates: {error}") from None
