"""Whether a backup and its archive lie whole in the vault, and what to do where not."""

from liferaft.data.postgres import inspection
from liferaft.data.wholeness import Look
from liferaft.vault import PUT_BACK, Vault


def look_of(found: inspection.BackupFindings, vault: Vault, point: str) -> Look:
    """What was found, with what to do about it. Pure."""
    way = (
        f"{PUT_BACK} Or go on from an older recovery point than {point}, which `liferaft "
        "snapshot list` names: add `--point NAME`. While the site that reigns can be reached, take "
        "a new one: `liferaft snapshot`."
    )
    return Look(
        tuple(damage.mended_by(way) for damage in found.broken),
        (
            *(f"{damage}. A restore can do without it." for damage in found.spared),
            *(
                f"WAL {key} is not in vault {vault.name}, though later WAL is: what was committed "
                "from there on cannot be brought back. A failover stops there, past its point of "
                "no return, and goes on to just before it with "
                f"`--lose-from {key.rpartition('/')[2]}`."
                for key in found.holes
            ),
        ),
    )
