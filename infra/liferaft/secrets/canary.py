"""A canary for each operator: a word that only their identity brings to light.

Who tells it has opened what was sealed for them. That a name stands among the recipients proves
nothing: the identity may be lost, or another's by a slip of the hand.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from liferaft.secrets.box import CannotOpen, seal, unseal


@dataclass(frozen=True)
class CanaryProof:
    """That an operator told the word: who ran it, and when (UTC, ISO 8601)."""

    word: str
    by: str
    at: str


@dataclass(frozen=True)
class Canary:
    """sealed: the word, for one recipient. digest: SHA-256 of the word, in hexadecimal."""

    sealed: str
    digest: str
    proof: CanaryProof | None = None

    @classmethod
    def for_recipient(cls, recipient: str) -> Self:
        """A fresh one. Nobody knows its word from here on but who opens it."""
        word = secrets.token_hex(16)
        sealed = base64.b64encode(seal({"word": word}, [recipient])).decode()
        return cls(sealed, _digest(word))

    @property
    def is_proved(self) -> bool:
        """Whether the word was told."""
        return self.proof is not None and hmac.compare_digest(_digest(self.proof.word), self.digest)

    def word(self, identity_file: Path) -> str:
        """Raises CannotOpen for the identity of somebody else."""
        return str(unseal(base64.b64decode(self.sealed), identity_file)["word"])

    def proved(self, identity_file: Path, by: str, at: str) -> Self | None:
        """With its word told, if the identity is the one; None for another's."""
        try:
            word = self.word(identity_file)
        except CannotOpen:
            return None
        return replace(self, proof=CanaryProof(word, by, at))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        proof = told["proof"]
        return cls(told["sealed"], told["digest"], CanaryProof(**proof) if proof else None)


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
