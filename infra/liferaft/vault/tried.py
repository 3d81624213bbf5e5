"""What each vault's store and keys were seen to do when they were tried last: a note in the vaults.

Trying writes and deletes, so that whoever only looks reads the note, which says how old it is.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

from liferaft.vault import layout
from liferaft.vault.contract import Damaged, KeyMissing, Vault, VaultFailure
from liferaft.vault.each import each_vault, vaults_apart


@dataclass(frozen=True)
class VaultFinding:
    """What is not as it could be at one vault, and stops nothing."""

    vault: str
    happened: str
    do: str

    @property
    def sentence(self) -> str:
        return f"Vault {self.vault}: {self.happened}. {self.do}"


def without_versions(name: str) -> VaultFinding:
    """Of a bucket that does not even say that it keeps them."""
    return VaultFinding(
        name,
        "its bucket keeps no versions, so whoever steals a key that may delete or overwrite can "
        "destroy what is there, for good",
        "Switch versioning on; docs/vaults.md says how, and what cleans up after it.",
    )


@dataclass(frozen=True)
class VaultTried:
    """What came of trying one vault.

    Attributes:
        at: when (UTC, ISO 8601).
        pairs: whose keys were tried beside the operator's: `hosts`, `reading`.
        keeps_versions: whether one that was overwritten and deleted was still there; None where
            that could not be tried.
        lock: the bucket's own retention for what is written there; None where it has none.
        holds: whether a version under that lock could not be destroyed; None without a lock.
    """

    vault: str
    at: str
    pairs: tuple[str, ...] = ()
    keeps_versions: bool | None = None
    lock: str | None = None
    holds: bool | None = None
    findings: tuple[VaultFinding, ...] = ()

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Raises ValueError, TypeError or KeyError for what is no such note."""
        told: dict[str, Any] = json.loads(text)
        findings = tuple(VaultFinding(**one) for one in told["findings"])
        tried = cls(**{**told, "pairs": tuple(told["pairs"]), "findings": findings})
        tried.age(datetime.now(UTC))
        return tried

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True).encode()

    def age(self, now: datetime) -> float:
        """Seconds since then."""
        return (now - datetime.fromisoformat(self.at)).total_seconds()

    @property
    def keeping(self) -> str:
        """What the store was seen to keep, in a few words."""
        words = {
            True: "versions are kept",
            False: "NO VERSIONS ARE KEPT",
            None: "whether versions are kept could not be tried",
        }
        kept = words[self.keeps_versions]
        if self.lock is None:
            return f"{kept}, and nothing is locked"
        return f"{kept}, and {'locked' if self.holds else 'SAID TO BE LOCKED'} ({self.lock})"


def note_tried(vault: Vault, tried: Iterable[VaultTried]) -> None:
    """Write down what came of it: durable on return. Raises VaultFailure."""
    for one in tried:
        vault.put(layout.tried(one.vault), one.to_json())


def last_tried(vault: Vault) -> tuple[VaultTried, ...]:
    """What was noted last of each vault that is declared, in their order, whichever of those that
    answer has the note. One of which there is none that can be read was never tried, for whoever
    asks."""
    noted = (
        [one for there in each_vault(vault) if (one := _noted(there, each.name)) is not None]
        for each in vaults_apart(vault)
    )
    return tuple(max(found, key=lambda one: one.at) for found in noted if found)


def _noted(vault: Vault, name: str) -> VaultTried | None:
    try:
        return VaultTried.from_json(vault.get(layout.tried(name)))
    except (KeyMissing, Damaged, VaultFailure):
        return None
    except (ValueError, TypeError, KeyError):
        return None  # of another version of liferaft


def fresh(tried: Iterable[VaultTried], before: Iterable[VaultTried]) -> tuple[VaultFinding, ...]:
    """Findings that were not noted before: each is told once. Pure."""
    known = {one for noted in before for one in noted.findings}
    return tuple(one for each in tried for one in each.findings if one not in known)
