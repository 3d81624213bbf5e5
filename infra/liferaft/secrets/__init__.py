"""Secrets of the application, age-encrypted for several operators."""

from liferaft.secrets.app import AppSecrets, public_key
from liferaft.secrets.box import CannotOpen, openers, require_identity, seal, unseal
from liferaft.secrets.chain import SecretsChain
from liferaft.secrets.changes import (
    SecretKeeper,
    keep_link,
    lacking,
    needs_link,
    operators_of,
    to_be_changed,
    to_draw,
)
from liferaft.secrets.epochs import (
    are_kept,
    carry_secrets,
    ensure_secrets,
    read_secrets,
    require_whole,
)
from liferaft.secrets.kept import KeptSecrets, SetSecret, ToldSecrets
from liferaft.secrets.signature import Signer

__all__ = [
    "AppSecrets",
    "CannotOpen",
    "KeptSecrets",
    "SecretKeeper",
    "SecretsChain",
    "SetSecret",
    "Signer",
    "ToldSecrets",
    "are_kept",
    "carry_secrets",
    "ensure_secrets",
    "keep_link",
    "lacking",
    "needs_link",
    "openers",
    "operators_of",
    "public_key",
    "read_secrets",
    "require_identity",
    "require_whole",
    "seal",
    "to_be_changed",
    "to_draw",
    "unseal",
]
