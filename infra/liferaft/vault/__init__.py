"""Object storage at neutral vendors, behind one small contract."""

from liferaft.vault.attendance import Attendance
from liferaft.vault.catching_up import attendance, catch_up
from liferaft.vault.chain import EpochChain, EpochRecord, EpochTaken, NumberedChain
from liferaft.vault.checked import CheckedVault
from liferaft.vault.checksums import ObjectWriter
from liferaft.vault.contract import (
    PUT_BACK,
    Damaged,
    KeyMissing,
    Level,
    Newest,
    Seen,
    Vault,
    VaultFailure,
    VaultRefused,
    VaultUnavailable,
)
from liferaft.vault.each import each_vault, lacking_vaults, silent_vaults, vault_named, vaults_apart
from liferaft.vault.every import EveryVault
from liferaft.vault.probe import Probe, probe, require_witness
from liferaft.vault.store import StoredVault, open_store, open_vault
from liferaft.vault.unfit import note_unfit, require_witnesses

__all__ = [
    "PUT_BACK",
    "Attendance",
    "CheckedVault",
    "Damaged",
    "EpochChain",
    "EpochRecord",
    "EpochTaken",
    "EveryVault",
    "KeyMissing",
    "Level",
    "Newest",
    "NumberedChain",
    "ObjectWriter",
    "Probe",
    "Seen",
    "StoredVault",
    "Vault",
    "VaultFailure",
    "VaultRefused",
    "VaultUnavailable",
    "attendance",
    "catch_up",
    "each_vault",
    "lacking_vaults",
    "note_unfit",
    "open_store",
    "open_vault",
    "probe",
    "require_witness",
    "require_witnesses",
    "silent_vaults",
    "vault_named",
    "vaults_apart",
]
