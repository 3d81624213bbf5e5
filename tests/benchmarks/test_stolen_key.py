"""The theft of the trial: what is not stolen shows nothing."""

import secrets
import sys
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError
from tests.contract.stores import KEY, KEY_ID
from tests.moto_store import MotoStore, moto_store
from tests.stolen import Bucket

from benchmarks import stolen_key


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
    assert stolen_key.robbed(bucket.versions()) == 4
    assert bucket.holds() == {
        **{f"runs/{number}": b"pay" for number in (1, 3)},
        f"epoch/{stolen_key.THIEFS_EPOCH:08}": b"pay",
        "ransom.txt": b"pay",
    }


def test_a_key_that_may_not_overwrite_ends_the_trial_instead_of_passing_it(
    bucket: Bucket, store: MotoStore
) -> None:
    store.others["reader"] = ("reader", frozenset({"GET", "HEAD"}))
    account = bucket.versions().account
    reader = type(account)(
        account.region, "reader", "reader", account.endpoint, ca_file=account.ca_file
    )
    versions = bucket.versions()
    with pytest.raises(ClientError):
        stolen_key.robbed(type(versions)(versions.name, versions.bucket, versions.below, reader))


def test_without_a_folder_for_the_report_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["stolen_key"])
    with pytest.raises(SystemExit) as ended:
        stolen_key.main()
    assert ended.value.code == 2
    assert "--report is missing" in capsys.readouterr().err
