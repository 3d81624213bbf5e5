"""Secrets of the application, age-encrypted for several operators."""

from liferaft.secrets.app import AppSecrets, public_key
from liferaft.secrets.box import CannotOpen, openers, require_identity, seal, unseal
from liferaft.secrets.epochs import (
    are_kept,
    carry_secrets,
    ensure_secrets,
    read_secrets,
    require_whole,
)
from liferaft.secrets.signature import Signer

__all__ = [
    "AppSecrets",
    "CannotOpen",
    "Signer",
    "are_kept",
    "carry_secrets",
    "ensure_secrets",
    "openers",
    "public_key",
    "read_secrets",
    "require_identity",
    "require_whole",
    "seal",
    "unseal",
]
