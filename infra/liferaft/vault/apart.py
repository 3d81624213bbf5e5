"""The vaults behind one, each by itself: what is taken out is taken out of each in its order."""

from typing import Protocol, runtime_checkable

from liferaft.failures import Refused
from liferaft.vault.contract import Vault


@runtime_checkable
class Several(Protocol):
    """A vault that stands for several."""

    def apart(self) -> tuple[Vault, ...]:
        """Each of them, in the order of liferaft.toml. Asks nobody."""
        ...


def vaults_apart(vault: Vault) -> tuple[Vault, ...]:
    """Each vault that this one stands for; itself where it stands for no other."""
    return vault.apart() if isinstance(vault, Several) else (vault,)


def vault_named(vault: Vault, name: str) -> Vault:
    """The one of that name. Raises Refused where there is none any more."""
    for one in vaults_apart(vault):
        if one.name == name:
            return one
    raise Refused(
        f"liferaft.toml names no vault {name} any more",
        safe="Nothing was done in it.",
        do="Run the same command again: it plans anew.",
    )
