"""One suite for everything that claims to be a vault."""

import datetime
import hashlib
import os
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from stamina.instrumentation import RetryDetails, set_on_retry_hooks
from tests.contract.stores import (
    KEY,
    KEY_ID,
    Served,
    moto_buckets,
    seaweed_store,
    stored_in_s3,
    versity_store,
)
from tests.models.vault import Absence, VaultModel

from liferaft.config import VaultConfig, VaultCredentials
from liferaft.provision.engine.contract import StateLocation
from liferaft.provision.engine.faults import Locked
from liferaft.provision.engine.state.lock import Lock
from liferaft.provision.engine.state.storage import META, Storage, checkpoint_path
from liferaft.vault import (
    CheckedVault,
    EveryVault,
    KeyMissing,
    Level,
    Seen,
    Vault,
    VaultRefused,
    VaultUnavailable,
    open_vault,
    probe,
)
from liferaft.vault.apart import ApartVault
from liferaft.vault.below import FolderVault
from liferaft.vault.store import ATTEMPTS

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def seaweed() -> Iterator[Served]:
    with seaweed_store() as served:
        yield served


@pytest.fixture(scope="module")
def versity() -> Iterator[Served]:
    with versity_store() as served:
        yield served


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Served]]:
    with moto_buckets(tmp_path_factory.mktemp("moto")) as buckets:
        yield buckets


@pytest.fixture(scope="module")
def moto(both: tuple[Served, Served]) -> Served:
    return both[0]


@pytest.fixture(scope="module")
def locked(both: tuple[Served, Served]) -> Served:
    return both[1]


IN_S3 = (
    "moto",
    "locked",
    pytest.param("seaweed", marks=pytest.mark.sandbox),
    pytest.param("versity", marks=pytest.mark.sandbox),
)
"""Stores of three makes, each with an authority of its own; `locked` locks what is written there.
The last two are those of the sandbox."""


@pytest.fixture(params=IN_S3)
def served(request: pytest.FixtureRequest) -> Served:
    found: Served = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def retries() -> Iterator[list[RetryDetails]]:
    """Every time that something is tried again."""
    told: list[RetryDetails] = []

    def tell(details: RetryDetails) -> None:
        told.append(details)

    set_on_retry_hooks([tell])
    yield told
    set_on_retry_hooks(None)


def in_folder(path: Path, name: str = "main") -> CheckedVault:
    config = VaultConfig(url=f"file://{path}/vault")
    return open_vault(name, config, VaultCredentials(), prefix="chirp")


def model(name: str = "main", absence: Absence | None = None) -> CheckedVault:
    return CheckedVault(VaultModel(name=name, absence=absence))


def every(first: Absence | None, path: Path) -> Vault:
    """A store and a folder; the store may be away."""
    return EveryVault([model("first", first), in_folder(path, "second")])


SEVERAL = {"every": None, "the others": Absence.CLOSED}


@pytest.fixture(params=["folder", "model", "apart", "below", *SEVERAL, *IN_S3])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    if request.param == "apart":
        return CheckedVault(ApartVault(VaultModel()))
    if request.param == "below":
        return FolderVault(in_folder(tmp_path), "drills")
    if request.param in SEVERAL:
        return every(SEVERAL[request.param], tmp_path)
    if request.param == "model":
        return model()
    if request.param == "folder":
        return in_folder(tmp_path)
    served: Served = request.getfixturevalue(request.param)
    return served.vault()


def test_what_was_put_is_there_and_a_second_put_replaces_it(vault: Vault) -> None:
    vault.put("a/one", b"first")
    vault.put("a/one", b"second")
    assert vault.get("a/one") == b"second"
    big = os.urandom(6 * 1024**2)
    vault.put("a/big", big)
    assert vault.get("a/big") == big


def test_an_absent_object_is_missing(vault: Vault) -> None:
    with pytest.raises(KeyMissing):
        vault.get("absent")


def test_only_the_first_create_wins(vault: Vault) -> None:
    assert vault.create("chain/00000001", b"mine") is True
    assert vault.create("chain/00000001", b"theirs") is False
    assert vault.get("chain/00000001") == b"mine"


def test_of_creates_at_once_one_wins_however_often_they_race(vault: Vault) -> None:
    racers = [f"racer {number}".encode() for number in range(8)]
    with ThreadPoolExecutor(len(racers)) as pool:
        for round_ in range(25):
            key = f"race/{round_}"
            answers = list(pool.map(lambda body, key=key: vault.create(key, body), racers))
            assert [body for body, won in zip(racers, answers, strict=True) if won] == [
                vault.get(key)
            ]


def test_creating_the_same_body_again_is_true(vault: Vault) -> None:
    assert vault.create("chain/00000001", b"mine")
    assert vault.create("chain/00000001", b"mine"), "the answer to the first may have been lost"


def test_a_list_is_sorted_and_ends_at_whole_segments(vault: Vault) -> None:
    for key in ("runs/2/b", "runs/10/a", "runs/2/a", "running/x"):
        vault.put(key, b"")
    assert vault.list("runs") == ("runs/10/a", "runs/2/a", "runs/2/b")
    assert vault.list("runs/2") == ("runs/2/a", "runs/2/b")
    assert "running/x" in vault.list()
    assert vault.list("absent") == ()


def test_a_level_is_what_lies_in_a_folder_itself(vault: Vault) -> None:
    for key in ("top", "a/one", "a/b/two", "a/b/c/three", "ab/four"):
        vault.put(key, b"x")
    size = vault.look("a")[0].size
    assert vault.level("a") == Level(("a/b",), (Seen("a/one", size),))
    folders, objects = vault.level().folders, vault.level().objects
    assert {"a", "ab"} <= set(folders)
    assert "top" in {one.key for one in objects}
    assert vault.level("absent") == Level((), ())


def test_the_newest_object_is_looked_for_in_the_folder_that_sorts_last(vault: Vault) -> None:
    assert vault.newest("wal") is None
    began = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    for key in ("wal/2.history", "wal/01/x", "wal/02/a", "wal/02/b", "walled/03/c"):
        vault.put(key, b"x")
    found = vault.newest("wal")
    assert found is not None
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1)
    assert (found.key, began <= found.at <= later) == ("wal/02/b", True)


def test_a_list_is_whole_past_one_page(vault: Vault) -> None:
    keys = tuple(f"many/{number:05}" for number in range(1, 1203))
    for key in keys:
        vault.put(key, b"x")
    assert vault.list("many") == keys


def test_an_object_is_looked_at_as_it_lies_there(vault: Vault) -> None:
    for name in ("a", "b", "c"):
        vault.put(f"look/{name}", b"xyz")
    stored = vault.stored("look/b")
    assert stored.endswith(b"xyz")
    size = len(stored)
    assert vault.look("look", after="look/a") == (Seen("look/b", size), Seen("look/c", size))
    assert vault.look("nowhere") == ()
    assert vault.digest("look/b", seconds=60.0) == hashlib.sha256(stored).hexdigest()
    with pytest.raises(KeyMissing):
        vault.digest("none", seconds=60.0)
    with pytest.raises(KeyMissing):
        vault.stored("none")


def test_deleting_twice_is_no_error(vault: Vault) -> None:
    vault.put("a", b"x")
    vault.delete("a")
    vault.delete("a")
    assert "a" not in vault.list()


def test_create_only_writes_are_honoured(vault: Vault) -> None:
    assert probe(vault).may_witness
    assert vault.list("probe") == ()


def test_a_wrong_key_is_refused_at_once(served: Served, retries: list[RetryDetails]) -> None:
    with pytest.raises(VaultRefused) as caught:
        served.vault(secret="wrong").get("a")
    assert not retries
    assert "wrong" not in str(caught.value)


def test_a_server_of_another_authority_is_not_believed(served: Served) -> None:
    with pytest.raises(VaultRefused, match="nobody whom this computer trusts has signed it"):
        served.vault_without_authority().put("a", b"x")


def test_variables_of_another_account_have_no_say(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.setenv(name, "https://127.0.0.1:1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "another account's")
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
    monkeypatch.setenv("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "true")
    vault = served.vault()
    vault.put("a", b"x")
    assert vault.get("a") == b"x"


async def test_the_engines_state_rests_in_a_vault_of_an_authority_of_its_own(
    served: Served,
) -> None:
    keys = {"access_key_id": KEY_ID, "secret_access_key": KEY}
    url = f"s3://{served.bucket}/chirp-{secrets.token_hex(4)}/state"
    where = {"endpoint": served.endpoint, "ca_file": str(served.ca_file)}
    place = Storage(StateLocation(url, {**keys, **where}))
    await place.prepare()
    lock = Lock(place, "golden", "dev")
    await lock.acquire()
    with pytest.raises(Locked):
        await Lock(place, "golden", "dev").acquire()
    await place.write(checkpoint_path("golden", "dev"), b"{}")
    await lock.release()
    assert await place.list(".pulumi") == [META, checkpoint_path("golden", "dev")]
    assert await place.read(checkpoint_path("golden", "dev")) == b"{}"


def test_a_vault_that_does_not_answer_is_given_up_in_bounded_time(
    retries: list[RetryDetails],
) -> None:
    with pytest.raises(VaultUnavailable):
        stored_in_s3("http://127.0.0.1:1", None).get("a")
    assert 0 < len(retries) < ATTEMPTS
    assert sum(retry.wait_for for retry in retries) < 15
