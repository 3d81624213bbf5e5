"""What came of restoring recovery points in a scratch place: noted in the vault, by point."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

from liferaft.vault import Damaged, KeyMissing, Vault
from liferaft.vault.layout import EpochKeys

_VERSION: Final = 1


@dataclass(frozen=True)
class Verification:
    """What came of one point from one vault.

    Attributes:
        at: UTC, ISO 8601: when all of it was through.
        by: which version of liferaft, and who ran it.
        where: the site on whose servers it was tried.
        seconds: from the first request to the last check.
        whole: whether all was read, and not a sample of what is large.
        parts: of each data set what was checked, what was not, how long each piece took, and what
            failed, as `Proof.to_json` says it.
        faults: why the point would not come back whole, in sentences; empty: it did.
    """

    at: str
    by: str
    where: str
    seconds: float
    whole: bool
    parts: tuple[Mapping[str, Any], ...]
    faults: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Raises TypeError for what is no such record."""
        return cls(**{**told, "parts": tuple(told["parts"]), "faults": tuple(told["faults"])})


@dataclass(frozen=True)
class VerifiedPoint:
    """What is known of one point, by the vault's name."""

    point: str
    vaults: Mapping[str, Verification] = field(default_factory=dict)

    @property
    def is_verified(self) -> bool:
        """Whether it came back whole from some vault, the last time that this was tried there."""
        return self.proof is not None

    @property
    def proof(self) -> Verification | None:
        """The newest trial that found it whole, from whichever vault."""
        whole = (one for one in self.vaults.values() if not one.faults)
        return max(whole, key=lambda one: one.at, default=None)


def note_verification(vault: Vault, epoch: int, point: str, asked: str, came: Verification) -> None:
    """Note what came of a point from the vault `asked`, beside what is known of others. Durable on
    return. Blocks."""
    before = verification_of(vault, epoch, point)
    vaults = {**before.vaults, asked: came}
    body = {"version": _VERSION, "vaults": {name: asdict(one) for name, one in vaults.items()}}
    vault.put(EpochKeys(epoch).verified(point), json.dumps(body, indent=1).encode())


def verification_of(vault: Vault, epoch: int, point: str) -> VerifiedPoint:
    """What is known of a point; nothing where its record is not there, cannot be read, or is of
    another version: then it has to be verified anew. Blocks."""
    with contextlib.suppress(KeyMissing, Damaged, ValueError, TypeError, KeyError, AttributeError):
        told = json.loads(vault.get(EpochKeys(epoch).verified(point)))
        if told["version"] == _VERSION:
            return VerifiedPoint(
                point,
                {name: Verification.from_json(one) for name, one in told["vaults"].items()},
            )
    return VerifiedPoint(point)


def last_verified(vault: Vault, epoch: int) -> VerifiedPoint | None:
    """The newest point of an epoch that came back whole; None where none did. Blocks."""
    keys = vault.list(EpochKeys(epoch).verifications)
    for key in reversed(keys):
        found = verification_of(vault, epoch, key.rpartition("/")[2].removesuffix(".json"))
        if found.is_verified:
            return found
    return None
