"""That the site of an epoch was deleted, and its data with it: noted in the vault."""

import asyncio
import json
from datetime import UTC, datetime

from liferaft.vault import PUT_BACK, Damaged, KeyMissing, Vault
from liferaft.vault.layout import EpochKeys


async def note_destroyed(vault: Vault, epoch: int, site: str) -> None:
    """Note that the site of this epoch is deleted, and its data with it. Durable on return.

    What an epoch archives is of one site's data: the next deploy there begins an epoch of its own.
    """
    body = json.dumps({"site": site, "at": datetime.now(UTC).isoformat()}).encode()
    await asyncio.to_thread(vault.put, EpochKeys(epoch).destroyed, body)


def destroyed_at(vault: Vault, epoch: int) -> str | None:
    """When the site of this epoch was deleted (UTC, ISO 8601); None while it stands. Blocks.

    Raises Damaged.
    """
    try:
        return str(json.loads(vault.get(EpochKeys(epoch).destroyed))["at"])
    except KeyMissing:
        return None
    except Damaged as damage:
        raise damage.mended_by(
            f"{PUT_BACK} If the site of epoch {epoch} was never destroyed, delete this object: it "
            "is not liferaft's.",
            safe="Whether that site was destroyed is not known, and so nothing was done.",
        ) from None
