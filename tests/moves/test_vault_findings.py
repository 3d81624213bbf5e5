"""What each key was seen to be allowed, and what a store keeps of the past: asked, not believed."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.contract.stores import BUCKET, KEY, KEY_ID, Served, seaweed_store, versity_store
from tests.moto_store import MotoStore, moto_store
from tests.stolen import Bucket

from liferaft.config import Config, Credentials
from liferaft.config.credentials import AccessKeyPair
from liferaft.failures import Refused
from liferaft.moves.vault_findings import findings_of, stores_found, try_vaults
from liferaft.vault import VaultRefused
from liferaft.vault.tried import VaultFinding, VaultTried, without_versions
from liferaft.vault.versions import Versions
from liferaft_sandbox.vendors import policies

BACKUPS = r"DELETE .*/pgbackrest/backup/.*"
ADD = ("GET", "HEAD", "PUT", "POST", BACKUPS)
READ = ("GET", "HEAD")
ALL = (*ADD, "DELETE")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoStore]:
    with moto_store(tmp_path_factory.mktemp("moto"), key=KEY_ID, secret=KEY) as running:
        for name, may in {"add": ADD, "read": READ, "all": ALL, "never": ADD[:-1]}.items():
            running.others[name] = (name, may)
        yield running


@pytest.fixture
def bucket(store: MotoStore) -> Bucket:
    return Bucket(store.url, store.ca_file, f"vault-{secrets.token_hex(4)}").make()


def pair(name: str | None) -> AccessKeyPair | None:
    if name is None:
        return None
    return AccessKeyPair(SecretStr(name), SecretStr(KEY if name == KEY_ID else name))


def found(
    config: Config, bucket: Bucket, *, hosts: str | None, reading: str | None
) -> tuple[VaultFinding, ...]:
    """What the keys of vault main are found to be allowed."""
    keys = replace(bucket.credentials, hosts=pair(hosts), reading=pair(reading))
    return findings_of(try_vaults(declared(config, bucket), credentials(keys), ["main"]))


def tried(config: Config, bucket: Bucket) -> VaultTried:
    """What came of trying vault main, whose one pair is its operator's."""
    asked = credentials(bucket.credentials)
    (one,) = try_vaults(declared(config, bucket), asked, ["main"])
    return one


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
    with pytest.raises(Refused, match="LIFERAFT_HOSTS_VAULT_… may not write, replace, read"):
        found(config, bucket, hosts="read", reading=None)


def test_a_store_that_takes_nothing_from_anybody_refuses_no_key(
    config: Config, bucket: Bucket
) -> None:
    """As a full one does: a deploy goes on with the other vault."""
    nobody = replace(
        bucket.credentials, access_key_id=SecretStr("read"), secret_access_key=SecretStr("read")
    )
    keys = replace(nobody, hosts=pair("read"), reading=pair("read"))
    assert try_vaults(declared(config, bucket), credentials(keys), ["main"]) == ()


def test_a_key_that_may_delete_no_backup_is_refused_because_no_backup_would_end(
    config: Config, bucket: Bucket
) -> None:
    with pytest.raises(Refused, match=r"may not delete below \*/pgbackrest/backup/") as refused:
        found(config, bucket, hosts="never", reading=None)
    assert "docs/vaults.md" in refused.value.facts.do
    assert bucket.holds() == {}


def test_one_pair_for_everything_is_named_where_it_may_delete(
    config: Config, bucket: Bucket
) -> None:
    (one,) = found(config, bucket, hosts=None, reading=None)
    assert one.sentence.startswith("Vault main: servers hold the operator's key, which may delete.")
    assert "LIFERAFT_HOSTS_VAULT_" in one.do
    assert bucket.holds() == {}


def test_what_a_store_keeps_is_tried_and_not_believed(
    config: Config, bucket: Bucket, store: MotoStore
) -> None:
    plain = replace(bucket, name=f"{bucket.name}-plain").make(keeps_versions=False)
    locked = replace(bucket, name=f"{bucket.name}-locked")
    store.make_locked_bucket(locked.name)
    seen = {one.name: tried(config, one) for one in (bucket, plain, locked)}
    said = [(one.keeps_versions, one.lock, one.holds) for one in seen.values()]
    assert said == [(True, None, None), (False, None, None), (True, "COMPLIANCE for 1 days", True)]
    assert "its bucket keeps no versions" in seen[plain.name].findings[0].happened
    assert [one.happened for one in seen[locked.name].findings] == [
        "servers hold the operator's key, which may delete"
    ], "by a marker, behind which every version stays"


def test_a_store_that_says_that_it_keeps_and_does_not_is_named(
    config: Config, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Versions, "of_key", lambda *_: ())
    seen = tried(config, bucket)
    assert seen.keeps_versions is False
    assert "says that it keeps versions, and of an object" in seen.findings[0].happened


def test_a_lock_that_does_not_hold_is_named(
    config: Config, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Versions, "lock", lambda *_: "GOVERNANCE for 7 days")
    seen = tried(config, bucket)
    assert (seen.keeps_versions, seen.holds) == (True, False)
    assert "locks what is written (GOVERNANCE for 7 days), and a version could be destroyed" in (
        seen.findings[0].happened
    )


def test_an_operators_key_that_may_not_look_at_versions_is_told_what_it_lacks(
    config: Config, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> bool:
        raise VaultRefused("main", "asking", "AccessDenied")

    monkeypatch.setattr(Versions, "are_kept", refused)
    seen = tried(config, bucket)
    assert (seen.keeps_versions, seen.lock) == (None, None)
    assert "s3:GetBucketVersioning" in seen.findings[0].do


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
@pytest.mark.parametrize("make", [seaweed_store, versity_store])
def test_both_makes_of_the_sandbox_hold_a_key_to_its_policy(
    config: Config, make: Callable[..., AbstractContextManager[Served]]
) -> None:
    with make(adding=policies.adding, reading=policies.reading) as served:
        bucket = Bucket(served.endpoint, served.ca_file, BUCKET)
        settings = {"Status": "Enabled"}
        bucket.s3.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration=settings)
        assert found(config, bucket, hosts="adding", reading="reading") == ()
        with pytest.raises(Refused, match="may not write, replace"):
            found(config, bucket, hosts="reading", reading=None)
        may_too_much = found(config, bucket, hosts=KEY_ID, reading="adding")
        locked = replace(bucket, name=f"{BUCKET}-locked")
        locked.s3.create_bucket(Bucket=locked.name, ObjectLockEnabledForBucket=True)
        rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
        locked.s3.put_object_lock_configuration(
            Bucket=locked.name,
            ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule},
        )
        seen = tried(config, locked)
    assert (seen.keeps_versions, seen.lock, seen.holds) == (True, "COMPLIANCE for 1 days", True)
    assert [one.happened for one in may_too_much] == [
        "the key that servers hold may delete",
        "the key for trying restores may write",
    ]


@pytest.mark.sandbox
@pytest.mark.timeout(300)
def test_seaweeds_own_word_for_writing_lets_a_key_delete(config: Config) -> None:
    with seaweed_store(writer=["Read", "Write", "List"]) as served:
        bucket = Bucket(served.endpoint, served.ca_file, BUCKET)
        said = [one.happened for one in found(config, bucket, hosts="writer", reading=None)]
    assert said == [without_versions("main").happened, "the key that servers hold may delete"]
