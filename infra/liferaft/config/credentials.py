"""What the configuration only names: filled in at the edge, from the environment given."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from liferaft import texts
from liferaft.clouds.registry import CA_FILE, entry
from liferaft.config.models import Config, VaultConfig
from liferaft.config.urls import url_flaw
from liferaft.config.values import HOST_KEY, environment_name, flaw_of, is_recipient, shown
from liferaft.failures import BadInput

IDENTITY_FILE = "LIFERAFT_IDENTITY_FILE"
_IN_HEADERS: Final = ("_KEY_ID", "_ACCESS_KEY", "_TOKEN")
"""Ends of those of them that are sent in headers, which take nothing but ASCII."""
_URL: Final = "ENDPOINT"
"""In the names of those of them that are the URL of a service."""


class VariablesUnusable(BadInput):
    """Variables hold what their meaning does not allow. `flaws` says of each name what; no value
    is ever repeated."""

    def __init__(self, flaws: Mapping[str, str], also: str = "") -> None:
        self.flaws = dict(flaws)
        told = [f"{name} cannot be used: {flaw}" for name, flaw in flaws.items()]
        super().__init__(
            "\n".join([*([also] if also else []), *told]),
            safe="Nothing was done.",
            do="Correct these variables or files, then run the same command again.",
        )


class VariablesMissing(VariablesUnusable):
    """Variables that the configuration needs are not set. `names` are all of them; others may be
    unusable besides."""

    def __init__(self, names: tuple[str, ...], flaws: Mapping[str, str] | None = None) -> None:
        self.names = names
        super().__init__(flaws or {}, f"The environment lacks {', '.join(names)}")


@dataclass(frozen=True)
class AccessKeyPair:
    """What opens a bucket: a site's, or a vault's."""

    access_key_id: SecretStr
    secret_access_key: SecretStr


@dataclass(frozen=True)
class VaultCredentials:
    """The operator's key pair of one vault; both None for a vault that is a folder.

    Attributes:
        hosts: what the servers of a site hold; None where it is the operator's.
        reading: what servers are given to try a restore; None where it is what they hold.
    """

    access_key_id: SecretStr | None = None
    secret_access_key: SecretStr | None = None
    ca_file: Path | None = None
    hosts: AccessKeyPair | None = None
    reading: AccessKeyPair | None = None

    def held_by_hosts(self) -> "VaultCredentials":
        """The same vault, as servers reach it."""
        return self._with(self.hosts)

    def for_reading(self) -> "VaultCredentials":
        """The same vault, as servers reach it that only try a restore."""
        return self._with(self.reading or self.hosts)

    def _with(self, pair: AccessKeyPair | None) -> "VaultCredentials":
        if pair is None:
            return self
        return VaultCredentials(pair.access_key_id, pair.secret_access_key, self.ca_file)


@dataclass(frozen=True)
class Credentials:
    """Everything that the configuration names and does not hold."""

    vaults: Mapping[str, VaultCredentials]
    buckets: Mapping[str, AccessKeyPair]
    """By site: only of the site that was asked for, if the app has a bucket."""
    recipients: tuple[str, ...]
    identity_file: Path
    """An age identity, readable by its owner only."""
    users_ca_file: Path | None
    """What users would trust, for certificates of a private or a staging authority."""
    acme_ca_file: Path | None
    """What Caddy trusts as it talks to the authority."""
    dns: Mapping[str, Mapping[str, Any]] = field(repr=False)
    """By vendor: arguments of its octoDNS class, secrets filled in."""
    host_keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By site and machine: public SSH host keys, empty where the variable is not set."""
    ping_url: SecretStr | None = None
    """What the database's server asks for while points are young; only for work on a site, and None
    where the variable is not set."""


def resolve(
    config: Config,
    environ: Mapping[str, str],
    *,
    site: str | None = None,
    asked: str | None = None,
) -> Credentials:
    """Fill in what the configuration names, for work on a site (none: on the vaults alone).

    asked: the site whose cloud is asked something, where that is all: its bucket needs no keys.

    A vault NAME has LIFERAFT_VAULT_NAME_ACCESS_KEY_ID and …_SECRET_ACCESS_KEY (upper case, `-`
    as `_`), and may have LIFERAFT_HOSTS_VAULT_NAME_… and LIFERAFT_READING_VAULT_NAME_…; the bucket
    of a SITE has LIFERAFT_BUCKET_SITE_…. Other sites' are not asked for: a failover must not need
    the keys of the site that is gone. Raises VariablesMissing, naming all that are missing or
    empty at once, or VariablesUnusable for values that no key, path or password has: a line's end
    in one would be a line of its own in a file on a server.
    """
    needed = _Needed(environ)
    for name in (site, asked):
        if name is not None:
            needed.look_at((*entry(config.sites[name].cloud).variables, CA_FILE))
    credentials = Credentials(
        vaults={name: _vault(name, vault, needed) for name, vault in config.vaults.items()},
        buckets={site: _keys("BUCKET", site, needed)}
        if site is not None and config.in_buckets
        else {},
        recipients=tuple(needed.recipient(item) for item in config.operators.recipients),
        identity_file=Path(needed.variable(IDENTITY_FILE)),
        users_ca_file=needed.authority("tls.ca_file", config.tls.ca_file),
        acme_ca_file=needed.authority("tls.acme_ca_file", config.tls.acme_authority),
        dns={
            name: {key: needed.filled(value) for key, value in vendor.options.items()}
            for name, vendor in config.dns.vendors.items()
        },
        host_keys=_host_keys(config, needed, site),
        ping_url=needed.address(config.snapshots.ping) if site and config.snapshots.ping else None,
    )
    needed.require()
    return credentials


def resolve_vault(
    name: str, vault: VaultConfig, environ: Mapping[str, str]
) -> tuple[VaultCredentials, Path]:
    """One vault's credentials, and the operator's age identity. Raises as `resolve`."""
    needed = _Needed(environ)
    found = _vault(name, vault, needed), Path(needed.variable(IDENTITY_FILE))
    needed.require()
    return found


def _host_keys(
    config: Config, needed: "_Needed", at_work: str | None
) -> Mapping[str, Mapping[str, str]]:
    """Of all sites, to look at them; missing are only those of the site at work."""
    elsewhere = _Needed(needed.environ)
    return {
        site: {
            name: (needed if site == at_work else elsewhere).host_key(machine.host_key)
            for name, machine in told.machines.items()
        }
        for site, told in config.sites.items()
    }


def _vault(name: str, vault: VaultConfig, needed: "_Needed") -> VaultCredentials:
    if vault.url.startswith("file:"):
        return VaultCredentials()
    keys = _keys("VAULT", name, needed)
    return VaultCredentials(
        keys.access_key_id,
        keys.secret_access_key,
        needed.authority(f"vaults.{name}.ca_file", vault.ca_file),
        _keys_if_set("HOSTS_VAULT", name, needed),
        _keys_if_set("READING_VAULT", name, needed),
    )


def _keys_if_set(kind: str, name: str, needed: "_Needed") -> AccessKeyPair | None:
    """None where neither is set; with one of them the other is missing."""
    if not any(needed.environ.get(variable) for variable in _key_names(kind, name)):
        return None
    return _keys(kind, name, needed)


def _keys(kind: str, name: str, needed: "_Needed") -> AccessKeyPair:
    ident, secret = _key_names(kind, name)
    return AccessKeyPair(SecretStr(needed.key(ident)), SecretStr(needed.key(secret)))


def _key_names(kind: str, name: str) -> tuple[str, str]:
    prefix = f"LIFERAFT_{kind}_{name.upper().replace('-', '_')}"
    return f"{prefix}_ACCESS_KEY_ID", f"{prefix}_SECRET_ACCESS_KEY"


class _Needed:
    """Looks variables up, and remembers what is wrong with them instead of stopping there."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.missing: list[str] = []
        self.flaws: dict[str, str] = {}

    def require(self) -> None:
        """Raise VariablesMissing or VariablesUnusable, naming all at once."""
        if self.missing:
            raise VariablesMissing(tuple(dict.fromkeys(self.missing)), self.flaws)
        if self.flaws:
            raise VariablesUnusable(self.flaws)

    def variable(self, name: str) -> str:
        value = self.environ.get(name, "")
        if not value:
            self.missing.append(name)
        self._require(name, flaw_of(value))
        return value

    def key(self, name: str) -> str:
        """A key travels in headers, which take nothing but ASCII."""
        value = self.variable(name)
        self._require(name, _unsendable(value))
        return value

    def filled(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self.filled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.filled(inner) for inner in value]
        name = environment_name(value)
        return self.variable(name) if name else value

    def recipient(self, value: str) -> str:
        name, found = environment_name(value), str(self.filled(value))
        if name and found and not is_recipient(found):
            self._require(name, "it is no age public key (age1…)")
        return found

    def host_key(self, value: str) -> str:
        name, found = environment_name(value), str(self.filled(value))
        if name and found and not re.fullmatch(HOST_KEY, found):
            self._require(name, "it is no public SSH host key (ssh-ed25519 AAAA…)")
        return found

    def authority(self, key: str, reference: str | None) -> Path | None:
        """A file with certificates, looked into: who asks later, is an SDK or a server. `key` is
        that of the configuration."""
        if not reference:
            return None
        path = self.filled(reference)
        if path:
            self._require(environment_name(reference) or f"{key} {path}", _untrusted(path))
        return Path(path)

    def address(self, reference: str) -> SecretStr | None:
        """An https URL that is a secret itself: flaws are told without it. None where the variable
        is not set: no emergency waits for whom points are told to."""
        name = environment_name(reference) or reference
        value = self.environ.get(name, "")
        if not value:
            return None
        self._require(name, url_flaw(value))
        self._require(name, "" if value.startswith("https://") else "it is no https URL")
        return SecretStr(value)

    def look_at(self, prefixes: tuple[str, ...]) -> None:
        """Variables that the clouds read later. Which of them are needed, they say themselves."""
        for name, value in self.environ.items():
            if name.startswith(prefixes):
                self._require(name, flaw_of(value))
                if name.endswith(_IN_HEADERS):
                    self._require(name, _unsendable(value))
                if value and _URL in name:
                    self._require(name, url_flaw(value))
                if value and name == CA_FILE:
                    self._require(name, _untrusted(value))

    def _require(self, name: str, flaw: str) -> None:
        """The first flaw of a variable is told."""
        if flaw:
            self.flaws.setdefault(name, flaw)


def _untrusted(path: str) -> str:
    try:
        texts.read_authority(Path(path))
    except texts.Unreadable as error:
        return f"{error} ({shown(path)[1:-1]})"
    return ""


def _unsendable(value: str) -> str:
    return "" if value.isascii() else "it holds letters that no key has"
