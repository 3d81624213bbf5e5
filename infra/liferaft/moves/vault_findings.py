"""What a person should know of the vaults' stores and keys: whether whoever steals one can destroy.

It is asked of the store, never believed of its vendor. `docs/vaults.md` says what to do about it.
"""

import contextlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from liferaft.config import Config, Credentials, VaultCredentials
from liferaft.data.registry import kinds_of
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
from liferaft.vault.keeping import Keeping, try_keeping
from liferaft.vault.tried import VaultFinding, VaultTried, without_versions
from liferaft.vault.versions import Versions

T = TypeVar("T")


def stores_found(
    config: Config, credentials: Credentials, names: Iterable[str]
) -> tuple[VaultFinding, ...]:
    """What the stores of these vaults tell: one question to each. One that does not answer is told
    of elsewhere. Blocks."""
    found = _of_each(names, lambda name: tuple(_store(config, credentials, name)))
    return tuple(one for findings in found for one in findings)


def try_vaults(
    config: Config, credentials: Credentials, names: Iterable[str]
) -> tuple[VaultTried, ...]:
    """What each of these vaults was seen to keep, and each of its pairs of keys to be allowed
    beyond what it is for. Writes below `probe/`, and deletes that. One that does not answer, or
    takes nothing from anybody, is left out. Blocks.

    Raises Refused for a pair that may not do what it is for.
    """
    found = _of_each(names, partial(_tried, config, credentials))
    return tuple(one for one in found if one is not None)


def try_all(site: Site) -> tuple[VaultTried, ...]:
    """All that answer, before a deploy gives servers what they hold. Blocks; raises as
    `try_vaults`."""
    names = [one.name for one in each_vault(site.vault)]
    return try_vaults(site.config, site.credentials, names)


def findings_of(tried: Iterable[VaultTried]) -> tuple[VaultFinding, ...]:
    """Of all of them. Pure."""
    return tuple(one for each in tried for one in each.findings)


def _of_each(names: Iterable[str], ask: Callable[[str], T]) -> tuple[T, ...]:
    with ThreadPoolExecutor() as pool:
        return tuple(pool.map(ask, names))


def _store(config: Config, credentials: Credentials, name: str) -> Iterator[VaultFinding]:
    vault, keys = config.vaults[name], credentials.vaults[name]
    versions = Versions.of(name, vault, keys, prefix=config.app.name)
    if versions is None:
        return  # a folder, whose keys no server holds
    try:
        if not versions.are_kept():
            yield without_versions(name)
    except VaultRefused:
        yield _unasked(name)
    except VaultFailure:
        return


def _tried(config: Config, credentials: Credentials, name: str) -> VaultTried | None:
    vault, keys = config.vaults[name], credentials.vaults[name]
    versions = Versions.of(name, vault, keys, prefix=config.app.name)
    if versions is None:
        return None  # a folder, whose keys no server holds

    def opened(pair: VaultCredentials) -> Vault:
        return open_vault(name, vault, pair, prefix=config.app.name)

    operator, folder = opened(keys), layout.probe(secrets.token_hex(8))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    pairs = {"hosts": keys.hosts, "reading": keys.reading}
    told = VaultTried(name, now, tuple(word for word, pair in pairs.items() if pair is not None))
    try:
        operator.put(f"{folder}/reading", b"to be read")
    except VaultFailure:
        return None  # it takes nothing, whoever asks: a full one says nothing of keys, and is told
    try:
        told = _kept(told, operator, versions, folder)
        more: list[VaultFinding] = []
        if keys.hosts is None:
            more += _one_for_all(operator, f"{folder}/hosts")
        else:
            areas = [kind.deletes for kind in kinds_of(config) if kind.deletes]
            more += _hosts(opened(keys.held_by_hosts()), folder, areas)
        if keys.reading is not None:
            more += _reading(opened(keys.for_reading()), f"{folder}/reading")
    except VaultUnavailable:
        return None
    finally:
        with contextlib.suppress(VaultFailure):
            for key in operator.list(folder):
                operator.delete(key)
    return replace(told, findings=(*told.findings, *more))


def _kept(told: VaultTried, operator: Vault, versions: Versions, folder: str) -> VaultTried:
    try:
        seen = try_keeping(operator, versions, folder)
    except VaultRefused:
        return replace(told, findings=(_unasked(told.vault),))
    found = tuple(_of_keeping(told.vault, seen))
    return replace(
        told, keeps_versions=seen.keeps, lock=seen.lock, holds=seen.holds, findings=found
    )


def _of_keeping(name: str, seen: Keeping) -> Iterator[VaultFinding]:
    if not seen.keeps and not seen.says:
        yield without_versions(name)
    elif not seen.keeps:
        yield VaultFinding(
            name,
            "its bucket says that it keeps versions, and of an object that was overwritten and "
            "deleted there was none",
            "Do not rely on this store: docs/vaults.md says what a stolen key does then.",
        )
    if seen.holds is False:
        yield VaultFinding(
            name,
            f"its bucket says that it locks what is written ({seen.lock}), and a version could be "
            "destroyed at once",
            "Do not rely on this lock: let no server's key delete versions, docs/vaults.md.",
        )


def _unasked(name: str) -> VaultFinding:
    return VaultFinding(
        name,
        "whether its bucket keeps versions may not be asked with this key",
        "Let it: s3:GetBucketVersioning, s3:ListBucketVersions, s3:GetObjectVersion.",
    )


def _one_for_all(operator: Vault, key: str) -> Iterator[VaultFinding]:
    operator.put(key, b"by whoever has the key")
    if _may_delete(operator, key):
        yield VaultFinding(
            operator.name,
            "servers hold the operator's key, which may delete",
            "Give them a pair of their own, LIFERAFT_HOSTS_VAULT_…, where the store has policies: "
            "docs/vaults.md.",
        )


def _hosts(vault: Vault, folder: str, areas: Sequence[str]) -> Iterator[VaultFinding]:
    """They write, replace, as pgBackRest does with its notes, read and list. areas: where they have
    to delete."""
    key = f"{folder}/hosts"
    deleted = [f"{folder}/{area}/hosts" for area in areas]
    try:
        for one in (key, *deleted):
            vault.put(one, b"by a server")
        vault.put(key, b"by a server, again")
        vault.get(key)
        vault.list(folder)
    except VaultRefused as refusal:
        what = "write, replace, read and list"
        raise _unable(vault, "LIFERAFT_HOSTS_VAULT_…", what, refusal) from refusal
    for one, area in zip(deleted, areas, strict=True):
        try:
            vault.delete(one)
        except VaultRefused as refusal:
            what = f"delete below */{area}/, which no backup ends without,"
            raise _unable(vault, "LIFERAFT_HOSTS_VAULT_…", what, refusal) from refusal
    if _may_delete(vault, key):
        yield VaultFinding(
            vault.name,
            "the key that servers hold may delete",
            "Give it a policy that lets it delete where it has to alone, where the store has "
            "policies: docs/vaults.md.",
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
        do="Give it that right, by the policies in docs/vaults.md, or unset both of its variables: "
        "then the operator's key is used.",
    )
