"""The single vaults behind what is used as one."""

from collections.abc import Mapping

from liferaft.failures import Refused
from liferaft.vault.away import AwayNote
from liferaft.vault.contract import Vault
from liferaft.vault.every import EveryVault


def each_vault(vault: Vault) -> tuple[Vault, ...]:
    """Those that answer, in the order in which they are asked; a single one alone."""
    return vault.answering if isinstance(vault, EveryVault) else (vault,)


def silent_vaults(vault: Vault) -> frozenset[str]:
    """Names of those that do not answer now, of several."""
    if not isinstance(vault, EveryVault):
        return frozenset()
    return frozenset(vault.order) - {one.name for one in vault.answering}


def lacking_vaults(vault: Vault) -> Mapping[str, AwayNote]:
    """By name, the notes of those that answer and are known to lack something, of several."""
    return dict(vault.roll.lacking) if isinstance(vault, EveryVault) else {}


def vaults_apart(vault: Vault) -> tuple[Vault, ...]:
    """All of them, in the order of liferaft.toml, whether or not they answer: what is taken out is
    taken out of each. A single one alone. Asks nobody."""
    return vault.apart() if isinstance(vault, EveryVault) else (vault,)


def vault_named(vault: Vault, name: str) -> Vault:
    """The one of that name, whether or not it answers. Raises Refused where there is none any
    more."""
    for one in vaults_apart(vault):
        if one.name == name:
            return one
    raise Refused(
        f"liferaft.toml names no vault {name} any more",
        safe="Nothing was done in it.",
        do="Run the same command again: it plans anew.",
    )
