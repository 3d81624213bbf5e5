"""What each key was seen to be allowed, and what a store keeps of the past: asked, not believed."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.contract.stores import BUCKET, KEY, KEY_ID, seaweed_store
from tests.moto_store import MotoStore, moto_store
from tests.stolen import Bucket

from liferaft.config import Config, Credentials
from liferaft.config.credentials import AccessKeyPair
from liferaft.failures import Refused
from liferaft.moves.vault_findings import VaultFinding, keys_found, stores_found

ADD = frozenset({"GET", "HEAD", "PUT", "POST"})
READ = frozenset({"GET", "HEAD"})
ALL = ADD | {"DELETE"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoStore]:
    with moto_store(tmp_path_factory.mktemp("moto"), key=KEY_ID, secret=KEY) as running:
        running.others |= {name: (name, may) for name, may in (("add", ADD), ("read", READ))}
        running.others["all"] = ("all", ALL)
        yield running


@pytest.fixture
def bucket(store: MotoStore) -> Bucket:
    return Bucket(store.url, store.ca_file, f"vault-{secrets.token_hex(4)}").make()


def pair(name: str | None) -> AccessKeyPair | None:
    return None if name is None else AccessKeyPair(SecretStr(name), SecretStr(name))


def found(
    config: Config, bucket: Bucket, *, hosts: str | None, reading: str | None
) -> tuple[VaultFinding, ...]:
    """What the keys of vault main are found to be allowed."""
    keys = replace(bucket.credentials, hosts=pair(hosts), reading=pair(reading))
    return keys_found(declared(config, bucket), credentials(keys), ["main"])


def declared(config: Config, bucket: Bucket) -> Config:
    return config.model_copy(update={"vaults": {"main": bucket.declared}})


def credentials(keys: object) -> Credentials:
    return Credentials(
        vaults={"main": keys},  # type: ignore[dict-item]  # a vault's, with other pairs
        buckets={},
        recipients=(),
        identity_file=Path("identity"),
        users_ca_file=None,
        acme_ca_file=None,
        dns={},
    )


def test_keys_that_may_do_what_they_are_for_and_no_more_are_not_spoken_of(
    config: Config, bucket: Bucket
) -> None:
    assert found(config, bucket, hosts="add", reading="read") == ()
    assert bucket.holds() == {}, "what was tried with is gone"


def test_keys_that_may_more_are_named_with_what_to_do(config: Config, bucket: Bucket) -> None:
    said = [one.sentence for one in found(config, bucket, hosts="all", reading="all")]
    assert [one.partition(". ")[0] for one in said] == [
        "Vault main: the key that servers hold may delete",
        "Vault main: the key for trying restores may write",
        "Vault main: the key for trying restores may delete",
    ]
    assert all("docs/vaults.md" in one for one in said)
    assert bucket.holds() == {}


def test_a_key_that_may_not_do_what_it_is_for_is_refused_before_servers_get_it(
    config: Config, bucket: Bucket
) -> None:
    with pytest.raises(Refused, match="LIFERAFT_HOSTS_VAULT_… may not write and read"):
        found(config, bucket, hosts="read", reading=None)


def test_a_store_that_takes_nothing_from_anybody_refuses_no_key(
    config: Config, bucket: Bucket
) -> None:
    """As a full one does: a deploy goes on with the other vault."""
    nobody = replace(
        bucket.credentials, access_key_id=SecretStr("read"), secret_access_key=SecretStr("read")
    )
    keys = replace(nobody, hosts=pair("read"), reading=pair("read"))
    assert keys_found(declared(config, bucket), credentials(keys), ["main"]) == ()


def test_one_pair_for_everything_is_not_tried(
    config: Config, bucket: Bucket, store: MotoStore
) -> None:
    store.heard.clear()
    assert found(config, bucket, hosts=None, reading=None) == ()
    assert store.heard == []


def test_a_bucket_without_versions_is_named_and_one_with_them_is_not(
    config: Config, bucket: Bucket
) -> None:
    plain = replace(bucket, name=f"{bucket.name}-plain").make(keeps_versions=False)
    asked = credentials(bucket.credentials)
    assert stores_found(declared(config, bucket), asked, ["main"]) == ()
    (one,) = stores_found(declared(config, plain), asked, ["main"])
    assert "keeps no versions, so whoever steals a key" in one.sentence


@pytest.mark.sandbox
@pytest.mark.timeout(300)
def test_seaweeds_writers_may_delete_and_its_readers_may_only_read(config: Config) -> None:
    with seaweed_store(writer=["Read", "Write", "List"], reader=["Read", "List"]) as served:
        bucket = Bucket(served.endpoint, served.ca_file, BUCKET)
        said = [one.happened for one in found(config, bucket, hosts="writer", reading="reader")]
    assert said == ["the key that servers hold may delete"]
