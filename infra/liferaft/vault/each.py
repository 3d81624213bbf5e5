"""The single vaults behind what is used as one."""

from typing import Protocol, runtime_checkable

from liferaft.vault.contract import Vault


@runtime_checkable
class SeveralVaults(Protocol):
    """What is a vault over several."""

    @property
    def answering(self) -> tuple[Vault, ...]:
        """Those that answer, each by itself, the leading one first."""
        ...

    @property
    def order(self) -> tuple[str, ...]:
        """Names of all of them."""
        ...


def each_vault(vault: Vault) -> tuple[Vault, ...]:
    """Those that answer, in the order in which they are asked; a single one alone."""
    return vault.answering if isinstance(vault, SeveralVaults) else (vault,)


def silent_vaults(vault: Vault) -> frozenset[str]:
    """Names of those that do not answer now, of several."""
    if not isinstance(vault, SeveralVaults):
        return frozenset()
    return frozenset(vault.order) - {one.name for one in vault.answering}
