"""What the configuration only names: filled in at the edge, from the environment given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from liferaft.config.models import Config, VaultConfig
from liferaft.config.values import environment_name
from liferaft.failures import BadInput

IDENTITY_FILE = "LIFERAFT_IDENTITY_FILE"


class VariablesMissing(BadInput):
    """Variables that the configuration needs are not set. `names` are all of them."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(
            f"The environment lacks {', '.join(names)}",
            safe="Nothing was done.",
            do="Set these variables, then run the same command again.",
        )


@dataclass(frozen=True)
class VaultCredentials:
    """A key pair of one vault; both None for a vault that is a folder."""

    access_key_id: SecretStr | None = None
    secret_access_key: SecretStr | None = None
    ca_file: Path | None = None


@dataclass(frozen=True)
class KeyPair:
    """What the application reaches a site's bucket with."""

    access_key_id: SecretStr
    secret_access_key: SecretStr


@dataclass(frozen=True)
class Credentials:
    """Everything that the configuration names and does not hold."""

    vaults: Mapping[str, VaultCredentials]
    buckets: Mapping[str, KeyPair]
    """By site: only of the site that was asked for, if the app has a bucket."""
    recipients: tuple[str, ...]
    identity_file: Path
    """An age identity, readable by its owner only."""
    acme_ca_file: Path | None
    dns: Mapping[str, Mapping[str, Any]] = field(repr=False)
    """By vendor: arguments of its octoDNS class, secrets filled in."""
    host_keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By site and machine: public SSH host keys, empty where the variable is not set."""


def resolve(config: Config, environ: Mapping[str, str], *, site: str | None = None) -> Credentials:
    """Fill in what the configuration names, for work on a site (none: on the vaults alone).

    A vault NAME has LIFERAFT_VAULT_NAME_ACCESS_KEY_ID and …_SECRET_ACCESS_KEY (upper case, `-`
    as `_`), the bucket of a SITE LIFERAFT_BUCKET_SITE_…. Other sites' are not asked for: a
    failover must not need the keys of the site that is gone. Raises VariablesMissing, naming all
    that are missing or empty at once.
    """
    needed = _Needed(environ)
    credentials = Credentials(
        vaults={name: _vault(name, vault, needed) for name, vault in config.vaults.items()},
        buckets={site: _keys("BUCKET", site, needed)}
        if site is not None and config.data_of_kind("bucket")
        else {},
        recipients=tuple(needed.filled(item) for item in config.operators.recipients),
        identity_file=Path(needed.variable(IDENTITY_FILE)),
        acme_ca_file=needed.file(config.tls.ca_file),
        dns={
            name: {key: needed.filled(value) for key, value in vendor.options.items()}
            for name, vendor in config.dns.vendors.items()
        },
        host_keys=_host_keys(config, needed, site),
    )
    if needed.missing:
        raise VariablesMissing(tuple(dict.fromkeys(needed.missing)))
    return credentials


def _host_keys(
    config: Config, needed: "_Needed", at_work: str | None
) -> Mapping[str, Mapping[str, str]]:
    """Of all sites, to look at them; missing are only those of the site at work."""
    elsewhere = _Needed(needed.environ)
    return {
        site: {
            name: str((needed if site == at_work else elsewhere).filled(machine.host_key))
            for name, machine in told.machines.items()
        }
        for site, told in config.sites.items()
    }


def _vault(name: str, vault: VaultConfig, needed: "_Needed") -> VaultCredentials:
    if vault.url.startswith("file:"):
        return VaultCredentials()
    keys = _keys("VAULT", name, needed)
    return VaultCredentials(keys.access_key_id, keys.secret_access_key, needed.file(vault.ca_file))


def _keys(kind: str, name: str, needed: "_Needed") -> KeyPair:
    prefix = f"LIFERAFT_{kind}_{name.upper().replace('-', '_')}"
    return KeyPair(
        SecretStr(needed.variable(f"{prefix}_ACCESS_KEY_ID")),
        SecretStr(needed.variable(f"{prefix}_SECRET_ACCESS_KEY")),
    )


class _Needed:
    """Looks variables up, and remembers the ones that are missing instead of stopping there."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.missing: list[str] = []

    def variable(self, name: str) -> str:
        value = self.environ.get(name, "")
        if not value:
            self.missing.append(name)
        return value

    def filled(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self.filled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.filled(inner) for inner in value]
        name = environment_name(value)
        return self.variable(name) if name else value

    def file(self, reference: str | None) -> Path | None:
        return Path(self.filled(reference)) if reference else None
