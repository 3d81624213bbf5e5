"""Stores of several makes, each robbed: what their versions tell, and everything comes back."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.contract.stores import KEY, KEY_ID, Served, seaweed_store, versity_store
from tests.moto_store import moto_store
from tests.stolen import APP, Bucket, moment_between

from liferaft.vault import CheckedVault, EpochChain, EpochRecord, KeyMissing, Level, VaultRefused
from liferaft.vault.as_of import PastVault
from liferaft.vault.putting_back import PuttingBack
from liferaft.vault.versions import MARK

pytestmark = pytest.mark.timeout(300)
MAKES = (
    "moto",
    pytest.param("seaweed", marks=pytest.mark.sandbox),
    pytest.param("versity", marks=pytest.mark.sandbox),
)
LARGE = 5 * 1024 * 1024
"""The smallest part that S3 takes but as the last one."""


@pytest.fixture(scope="module", params=MAKES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bucket]:
    if request.param == "moto":
        folder = tmp_path_factory.mktemp("moto")
        with moto_store(folder, key=KEY_ID, secret=KEY) as moto:
            yield Bucket(moto.url, moto.ca_file, "none")
        return
    with {"seaweed": seaweed_store, "versity": versity_store}[request.param]() as served:
        assert isinstance(served, Served)
        yield Bucket(served.endpoint, served.ca_file, "none")


@pytest.fixture
def bucket(store: Bucket) -> Bucket:
    return replace(store, name=f"vault-{secrets.token_hex(4)}").make()


def fill(bucket: Bucket) -> None:
    """Objects at every depth, of a past of their own."""
    vault = bucket.vault()
    EpochChain(vault).claim(EpochRecord(1, "east", "run-1", "2026-11-22T14:00:00Z"))
    for key in ("epoch-00000001/secrets.age", "runs/run-1/000001.json", "top"):
        vault.put(key, b"once")
        vault.put(key, key.encode())
    vault.put("deleted", b"before")
    vault.delete("deleted")
    bucket.write("odd/a b+c/é=&?", b"segment")
    bucket.write_in_parts("epoch-00000001/images/large", b"x" * LARGE, b"end")


def test_everything_comes_back_that_was_overwritten_or_deleted_and_the_rest_is_hidden(
    bucket: Bucket,
) -> None:
    fill(bucket)
    before = bucket.holds()
    moment = moment_between()
    bucket.be_robbed()

    work = PuttingBack.of(bucket.versions(), moment)
    assert {past.key for past in work.lost} == set(before)
    assert {past.key for past in work.new} == {
        *("epoch/00000007", "epoch/99999999", "lease/00000400", "ransom.txt")
    }
    assert work.epochs == 7, "whose number may not be given out again, but for one of nobody's"
    work.run()
    assert bucket.holds() == before
    assert bucket.metadata("odd/a b+c/é=&?") == {"mtime": "17"}
    large = bucket.metadata("epoch-00000001/images/large")
    assert (large["mtime"], MARK in large) == ("17", True)
    again = PuttingBack.of(bucket.versions(), moment)
    assert (again.count, again.kept) == (0, len(before)), "it is done, and known to be"


def test_what_a_thief_marks_as_put_back_is_not_believed(bucket: Bucket) -> None:
    fill(bucket)
    before, moment = bucket.holds(), moment_between()
    ident = bucket.s3.head_object(Bucket=bucket.name, Key=f"{APP}/top")["VersionId"]
    bucket.s3.put_object(Bucket=bucket.name, Key=f"{APP}/top", Body=b"pay", Metadata={MARK: ident})
    work = PuttingBack.of(bucket.versions(), moment)
    assert [past.key for past in work.overwritten] == ["top"], "it has the size of then, and a mark"
    work.run()
    assert bucket.holds() == before


def test_nothing_is_destroyed_so_that_it_can_be_undone_in_the_same_way(bucket: Bucket) -> None:
    fill(bucket)
    moment = moment_between()
    bucket.be_robbed()
    robbed, later = bucket.holds(), moment_between()
    PuttingBack.of(bucket.versions(), moment).run()
    assert bucket.versions_of("top") == 4, "two of before, the thief's, and the copy"
    PuttingBack.of(bucket.versions(), later).run()
    assert bucket.holds() == robbed


def test_a_vault_as_it_was_reads_as_it_read_then(bucket: Bucket) -> None:
    fill(bucket)
    vault = bucket.vault()
    folders = ("", "epoch", "epoch-00000001", "nothing")
    looked = {folder: vault.look(folder) for folder in folders}
    levels = {folder: vault.level(folder) for folder in folders}
    newest = vault.newest("epoch-00000001")
    assert newest is not None
    moment = moment_between()
    bucket.be_robbed()

    work = PuttingBack.of(bucket.versions(), moment)
    past = CheckedVault(PastVault(work.versions, work.pasts))
    assert {folder: past.look(folder) for folder in folders} == looked
    assert {folder: past.level(folder) for folder in folders} == levels
    assert past.list("epoch") == ("epoch/00000001",)
    assert [one.key for one in past.look("", after="runs")] == ["runs/run-1/000001.json", "top"]
    found = past.newest("epoch-00000001")
    assert found is not None
    assert found.key == newest.key
    assert past.level("nothing") == Level((), ())
    assert past.get("top") == b"top"
    assert EpochChain(past).current() == EpochChain(past).record(1)
    assert past.digest("epoch-00000001/images/large", seconds=60) is not None
    for key in ("deleted", "ransom.txt"):
        with pytest.raises(KeyMissing):
            past.get(key)


def test_a_vault_as_it_was_takes_nothing(bucket: Bucket) -> None:
    past = PastVault(bucket.versions(), {})
    for act in (
        lambda: past.put("a", b""),
        lambda: past.create("a", b""),
        lambda: past.delete("a"),
    ):
        with pytest.raises(VaultRefused, match="only looked at as it was"):
            act()


def test_what_was_written_before_a_bucket_kept_versions_comes_back_as_well(store: Bucket) -> None:
    bucket = replace(store, name=f"vault-{secrets.token_hex(4)}").make(keeps_versions=False)
    assert not bucket.versions().are_kept()
    bucket.write("old", b"of before")
    settings = {"Status": "Enabled"}
    bucket.s3.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration=settings)
    assert bucket.versions().are_kept()
    before, moment = bucket.holds(), moment_between()
    bucket.be_robbed()
    PuttingBack.of(bucket.versions(), moment).run()
    assert bucket.holds() == before


def test_a_moment_before_everything_finds_nothing_that_was_there(bucket: Bucket) -> None:
    bucket.write("top", b"later")
    work = PuttingBack.of(bucket.versions(), datetime(2020, 1, 1, tzinfo=UTC))
    assert (work.lost, [past.key for past in work.new]) == ((), ["top"])
