"""What secrets are changed from, and what a deploy or a failover adds to them by itself.

Changes are made under the operation lease: none is begun while a move is under way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from liferaft.config.app_secrets import SecretConfig
from liferaft.secrets.app import AppSecrets
from liferaft.secrets.box import openers
from liferaft.secrets.chain import SecretsChain
from liferaft.secrets.drawing import draw
from liferaft.secrets.epochs import read_secrets
from liferaft.secrets.kept import KeptSecrets, SetSecret, ToldSecrets
from liferaft.vault import Damaged, KeyMissing, Vault
from liferaft.vault.layout import EpochKeys


@dataclass(frozen=True)
class SecretKeeper:
    """Who changes secrets. by: as others are told of them; at: now, UTC, ISO 8601; recipients: the
    operators of today."""

    by: str
    at: str
    recipients: tuple[str, ...]
    identity_file: Path

    def says(self, *, is_generated: bool = False) -> SetSecret:
        """What is told of a secret that gets its value now."""
        return SetSecret(self.at, self.by, is_generated)


def operators_of(vault: Vault, recipients: Sequence[str]) -> tuple[str, ...]:
    """For whom all is sealed that is kept from now on: the operators of today's liferaft.toml and
    whom links know, but those who were removed. Blocks."""
    told = SecretsChain(vault).told()
    if told is None:
        return tuple(dict.fromkeys(recipients))
    everybody = dict.fromkeys((*told.operators, *recipients))
    return tuple(one for one in everybody if one not in told.removed)


def lacking(declared: Mapping[str, SecretConfig], told: ToldSecrets | None) -> tuple[str, ...]:
    """Declared secrets that have no value yet."""
    there = told.own if told is not None else {}
    return tuple(name for name in declared if name not in there)


def to_draw(declared: Mapping[str, SecretConfig], told: ToldSecrets | None) -> tuple[str, ...]:
    """Those of them that nobody has to set."""
    return tuple(name for name in lacking(declared, told) if declared[name].generate is not None)


def to_be_changed(vault: Vault, epoch: int, keeper: SecretKeeper) -> KeptSecrets:
    """What a change is made of: the newest link; before there is one the epoch's secrets, and
    before the first deploy fresh ones. Under the lease alone. Blocks."""
    newest = SecretsChain(vault).newest(keeper.identity_file)
    if newest is not None:
        return newest
    try:
        app = read_secrets(vault, epoch, keeper.identity_file)
    except KeyMissing:
        app = AppSecrets.generate()
    return KeptSecrets(ToldSecrets(0), app)


def needs_link(
    vault: Vault, epoch: int, declared: Mapping[str, SecretConfig], recipients: Sequence[str]
) -> bool:
    """Whether a secret is to be drawn, or an operator of today cannot open what is kept. Blocks."""
    told = SecretsChain(vault).told()
    if to_draw(declared, told):
        return True
    if told is not None:
        return bool(set(recipients) - told.operators.keys() - set(told.removed))
    try:
        return openers(vault.get(EpochKeys(epoch).secrets)) != len(set(recipients))
    except (Damaged, KeyMissing):
        return False


def keep_link(
    vault: Vault, epoch: int, declared: Mapping[str, SecretConfig], keeper: SecretKeeper
) -> KeptSecrets:
    """Draw what is to be drawn, for the operators of today. Blocks. Raises as the chain does."""
    kept = to_be_changed(vault, epoch, keeper).with_operators(keeper.recipients)
    for name in to_draw(declared, kept.told):
        kept = kept.with_own(name, draw(declared[name]), keeper.says(is_generated=True))
    return SecretsChain(vault).append(kept, keeper.identity_file)
