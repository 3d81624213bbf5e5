"""Whether a backup and its archive lie whole in a vault, and what to do where in none."""

from collections.abc import Collection, Mapping

from liferaft.data.postgres.inspection import BackupFindings
from liferaft.data.wholeness import Look
from liferaft.vault import PUT_BACK


def look_of(
    found: Mapping[str, BackupFindings], point: str, *, of_no_use: Collection[str] = ()
) -> Look:
    """What was found, by vault, with what to do about it: one vault that has all of it is enough.
    `of_no_use`: vaults whose backup cannot be restored for another reason. Pure."""
    way = (
        f"{PUT_BACK} Or go on from an older recovery point than {point}, which `liferaft "
        "snapshot list` names: add `--point NAME`. While the site that reigns can be reached, take "
        "a new one: `liferaft snapshot`."
    )
    whole = [name for name, one in found.items() if not one.broken and name not in of_no_use]
    damages = [damage for one in found.values() for damage in one.broken]
    holes = dict.fromkeys((key, name) for name, one in found.items() for key in one.holes)
    told = [f"{damage}. Vault {whole[0]} has it whole." for damage in damages if whole]
    spared = [damage for one in found.values() for damage in one.spared]
    return Look(
        () if whole else tuple(damage.mended_by(way) for damage in damages),
        (
            *told,
            *(f"{damage}. A restore can do without it." for damage in spared),
            *(sentence for one in found.values() for sentence in one.elsewhere),
            *(_hole(key, name) for key, name in holes),
        ),
    )


def _hole(key: str, vault: str) -> str:
    return (
        f"WAL {key} is not in vault {vault}, though later WAL is: what was committed "
        "from there on cannot be brought back. A failover stops there, past its point of "
        "no return, and goes on to just before it with "
        f"`--lose-from {key.rpartition('/')[2]}`."
    )
