"""What a person should know of the vaults' stores and keys: whether whoever steals one can destroy.

It is asked of the store, never believed of its vendor. `docs/vaults.md` says what to do about it.
"""

import contextlib
import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from liferaft.config import Config, Credentials, VaultCredentials
from liferaft.failures import Refused
from liferaft.site.site import Site
from liferaft.vault import (
    KeyMissing,
    Vault,
    VaultFailure,
    VaultRefused,
    VaultUnavailable,
    each_vault,
    layout,
    open_vault,
)
from liferaft.vault.versions import Versions


@dataclass(frozen=True)
class VaultFinding:
    """What is not as it could be at one vault, and stops nothing."""

    vault: str
    happened: str
    do: str

    @property
    def sentence(self) -> str:
        return f"Vault {self.vault}: {self.happened}. {self.do}"


def stores_found(
    config: Config, credentials: Credentials, names: Iterable[str]
) -> tuple[VaultFinding, ...]:
    """What the stores of these vaults tell: one question to each. One that does not answer is told
    of elsewhere. Blocks."""
    return _of_each(names, partial(_store, config, credentials))


def keys_found(
    config: Config, credentials: Credentials, names: Iterable[str]
) -> tuple[VaultFinding, ...]:
    """What each pair of keys was seen to be allowed beyond what it is for, where a vault has more
    than one. Writes below `probe/`, and deletes that. Blocks.

    Raises Refused for a pair that may not do what it is for.
    """
    return _of_each(names, partial(_keys, config, credentials))


def all_found(site: Site) -> tuple[VaultFinding, ...]:
    """Both, before a deploy gives servers what they hold. Blocks; raises as `keys_found`."""
    names = [one.name for one in each_vault(site.vault)]
    stores = stores_found(site.config, site.credentials, names)
    return (*stores, *keys_found(site.config, site.credentials, names))


def _of_each(
    names: Iterable[str], ask: "partial[Iterator[VaultFinding]]"
) -> tuple[VaultFinding, ...]:
    with ThreadPoolExecutor() as pool:
        found = pool.map(lambda name: tuple(ask(name)), names)
        return tuple(one for findings in found for one in findings)


def _store(config: Config, credentials: Credentials, name: str) -> Iterator[VaultFinding]:
    vault, keys = config.vaults[name], credentials.vaults[name]
    versions = Versions.of(name, vault, keys, prefix=config.app.name)
    if versions is None:
        return  # a folder, whose keys no server holds
    try:
        if versions.are_kept():
            return
    except VaultRefused:
        yield VaultFinding(
            name,
            "whether its bucket keeps versions may not be asked with this key",
            "Let it: s3:GetBucketVersioning.",
        )
    except VaultFailure:
        return
    else:
        yield VaultFinding(
            name,
            "its bucket keeps no versions, so whoever steals a key that may delete or overwrite "
            "can destroy what is there, for good",
            "Switch versioning on; docs/vaults.md says how, and what cleans up after it.",
        )


def _keys(config: Config, credentials: Credentials, name: str) -> Iterator[VaultFinding]:
    keys = credentials.vaults[name]
    if keys.hosts is None and keys.reading is None:
        return

    def opened(pair: VaultCredentials) -> Vault:
        return open_vault(name, config.vaults[name], pair, prefix=config.app.name)

    operator, folder = opened(keys), layout.probe(secrets.token_hex(8))
    try:
        operator.put(f"{folder}/reading", b"to be read")
    except VaultFailure:
        return  # it takes nothing, whoever asks: a full one says nothing of keys, and is told
    try:
        if keys.hosts is not None:
            yield from _hosts(opened(keys.held_by_hosts()), f"{folder}/hosts")
        if keys.reading is not None:
            yield from _reading(opened(keys.for_reading()), f"{folder}/reading")
    except VaultUnavailable:
        return
    finally:
        with contextlib.suppress(VaultFailure):
            for key in operator.list(folder):
                operator.delete(key)


def _hosts(vault: Vault, key: str) -> Iterator[VaultFinding]:
    """They write and read; that they may overwrite is no matter where versions are kept."""
    try:
        vault.put(key, b"by a server")
        vault.get(key)
    except VaultRefused as refusal:
        raise _unable(vault, "LIFERAFT_HOSTS_VAULT_…", "write and read", refusal) from refusal
    if _may_delete(vault, key):
        yield VaultFinding(
            vault.name,
            "the key that servers hold may delete",
            "Give it a policy without s3:DeleteObject, where the store has policies: "
            "docs/vaults.md.",
        )


def _reading(vault: Vault, key: str) -> Iterator[VaultFinding]:
    try:
        vault.get(key)
        vault.list(key.rpartition("/")[0])
    except VaultRefused as refusal:
        raise _unable(vault, "LIFERAFT_READING_VAULT_…", "read and list", refusal) from refusal
    try:
        vault.put(f"{key}-written", b"")
    except VaultRefused:
        pass
    else:
        yield VaultFinding(
            vault.name,
            "the key for trying restores may write",
            "Give it a policy with s3:GetObject and s3:ListBucket alone, where the store has "
            "policies: docs/vaults.md.",
        )
    if _may_delete(vault, key):
        yield VaultFinding(
            vault.name,
            "the key for trying restores may delete",
            "Give it a policy without s3:DeleteObject, where the store has policies: "
            "docs/vaults.md.",
        )


def _may_delete(vault: Vault, key: str) -> bool:
    """By its deed: some stores answer well and delete nothing."""
    try:
        vault.delete(key)
        vault.get(key)
    except KeyMissing:
        return True
    except VaultRefused:
        return False
    return False


def _unable(vault: Vault, variables: str, what: str, refusal: VaultRefused) -> Refused:
    return Refused(
        f"The key of {variables} may not {what} in vault {vault.name}: {refusal.facts.happened}",
        safe="Nothing was done.",
        do="Give it that right, or unset both of its variables: then the operator's key is used.",
    )
