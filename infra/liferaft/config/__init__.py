"""liferaft.toml read into frozen models, every error at once."""

from liferaft.config.credentials import (
    AccessKeyPair,
    Credentials,
    VariablesMissing,
    VariablesUnusable,
    VaultCredentials,
    resolve,
    resolve_vault,
)
from liferaft.config.load import load
from liferaft.config.models import Config, VaultConfig
from liferaft.config.problems import ConfigInvalid, Problem

__all__ = [
    "AccessKeyPair",
    "Config",
    "ConfigInvalid",
    "Credentials",
    "Problem",
    "VariablesMissing",
    "VariablesUnusable",
    "VaultConfig",
    "VaultCredentials",
    "load",
    "resolve",
    "resolve_vault",
]
