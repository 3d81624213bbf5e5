"""The theft of the trial: what is not stolen shows nothing."""

import secrets
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError
from tests.contract.stores import KEY, KEY_ID
from tests.moto_store import MotoStore, moto_store
from tests.stolen import Bucket

from benchmarks import stolen_key
from liferaft.vault.versions import Versions


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoStore]:
    with moto_store(tmp_path_factory.mktemp("moto"), key=KEY_ID, secret=KEY) as running:
        yield running


@pytest.fixture
def bucket(store: MotoStore, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    found = Bucket(store.url, store.ca_file, f"vault-{secrets.token_hex(4)}").make()
    monkeypatch.setattr(stolen_key, "A_SECOND", 0.0)
    for number in range(4):
        found.write(f"runs/{number}", b"before")
    return found


def test_every_object_is_overwritten_and_each_second_one_deleted(bucket: Bucket) -> None:
    assert stolen_key.robbed(bucket.versions()) == {"objects": 4, "deleted": 2, "kept": 0}
    assert bucket.holds() == {
        **{f"runs/{number}": b"pay" for number in (1, 3)},
        f"epoch/{stolen_key.THIEFS_EPOCH:08}": b"pay",
        "ransom.txt": b"pay",
    }


def with_key(bucket: Bucket, name: str) -> Versions:
    """The same vault, by another's key."""
    versions = bucket.versions()
    other = replace(versions.account, access_key_id=name, secret_access_key=name)
    return replace(versions, account=other)


def test_what_a_key_keeps_from_being_deleted_is_counted_and_overwritten_all_the_same(
    bucket: Bucket, store: MotoStore
) -> None:
    store.others["adder"] = ("adder", ("GET", "HEAD", "PUT"))
    came = stolen_key.robbed(with_key(bucket, "adder"))
    assert came == {"objects": 4, "deleted": 0, "kept": 2}
    assert {bucket.holds()[f"runs/{number}"] for number in range(4)} == {b"pay"}


def test_a_servers_key_that_could_delete_fails_the_trial() -> None:
    all_gone = {"objects": 4, "deleted": 2, "kept": 0}
    kept = {"objects": 4, "deleted": 0, "kept": 2}
    assert stolen_key.is_held_to_its_policy({"main": kept, "depot": all_gone}, "main")
    assert not stolen_key.is_held_to_its_policy({"main": all_gone, "depot": all_gone}, "main")
    assert not stolen_key.is_held_to_its_policy({"main": kept, "depot": kept}, "main")


def test_a_key_that_may_not_overwrite_ends_the_trial_instead_of_passing_it(
    bucket: Bucket, store: MotoStore
) -> None:
    store.others["reader"] = ("reader", ("GET", "HEAD"))
    with pytest.raises(ClientError):
        stolen_key.robbed(with_key(bucket, "reader"))


def test_without_a_folder_for_the_report_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["stolen_key"])
    with pytest.raises(SystemExit) as ended:
        stolen_key.main()
    assert ended.value.code == 2
    assert "--report is missing" in capsys.readouterr().err
