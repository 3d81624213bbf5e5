"""Which vaults cannot refuse a second claim: they hold copies of claims, and decide one only where
no other vault that is complete answers."""

import logging
from collections.abc import Iterable

from liferaft.vault.checked import UnfitVault
from liferaft.vault.contract import Vault, VaultFailure, VaultRefused
from liferaft.vault.every import EveryVault
from liferaft.vault.probe import probe, require_witness

_log = logging.getLogger(__name__)


def require_witnesses(vault: Vault) -> None:
    """Raise Refused unless the leading vault may hold epochs, the lease and the journal; note which
    of the others may not. Blocks."""
    if not isinstance(vault, EveryVault):
        require_witness(vault)
        return
    leading, *others = vault.answering
    require_witness(leading)
    note_unfit(vault, [other.name for other in others])


def note_unfit(vault: EveryVault, names: Iterable[str]) -> None:
    """Try those of these names that answer, and note each that is unfit: durable on return."""
    for one in vault.answering:
        if one.name in names and not isinstance(one, UnfitVault):
            faults = _faults(one)
            if faults:
                vault.call_unfit(one.name, "; ".join(faults))
                _log.warning(
                    "WARNING: vault %s cannot be trusted with claims: %s. It gets copies of all, "
                    "and decides nothing while another one answers that is complete.",
                    *(one.name, "; ".join(faults)),
                )


def _faults(vault: Vault) -> tuple[str, ...]:
    try:
        return probe(vault).faults
    except VaultRefused as refusal:
        return (str(refusal),)
    except VaultFailure as failure:
        _log.warning("Vault %s was not tried: %s", vault.name, failure)
        return ()
