"""Vaults are put back: killed in the middle, disturbed, and with one that keeps no versions."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

import pytest
from tests.contract.stores import KEY, KEY_ID
from tests.moto_store import MotoStore, moto_store
from tests.stolen import APP, Bucket, moment_between

from liferaft.config import Config
from liferaft.failures import Refused
from liferaft.journal import Lease, LeaseHeld
from liferaft.journal.process import Process
from liferaft.moves.vaults_as_of import VaultsAsOf, look_back
from liferaft.site.world import World
from liferaft.vault import EpochChain, EpochRecord, VaultRefused
from liferaft.vault.past import Past, StoredVersion
from liferaft.vault.versions import Versions

Look = Callable[..., VaultsAsOf]
RECORDS = 20


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoStore]:
    with moto_store(tmp_path_factory.mktemp("moto"), key=KEY_ID, secret=KEY) as running:
        yield running


@pytest.fixture
def bucket(store: MotoStore) -> Bucket:
    return filled(Bucket(store.url, store.ca_file, f"vault-{secrets.token_hex(4)}").make())


def filled(bucket: Bucket) -> Bucket:
    vault = bucket.vault()
    EpochChain(vault).claim(EpochRecord(1, "east", "run-1", "2026-11-22T14:00:00Z"))
    for number in range(RECORDS):
        vault.put(f"runs/run-1/{number:06}.json", f"{number}".encode())
    return bucket


@pytest.fixture
def look(config: Config, world: World) -> Look:
    """At these vaults as of a moment."""

    def looked(moment: datetime, **buckets: Bucket) -> VaultsAsOf:
        keys = {name: one.credentials for name, one in buckets.items()}
        credentials = replace(world.site.credentials, vaults=keys)
        declared = {name: one.declared for name, one in buckets.items()}
        return look_back(config.model_copy(update={"vaults": declared}), credentials, moment)

    return looked


def unwatched(_vault: str, _done: int, _all: int) -> None:
    """Nobody looks."""


def test_killed_anywhere_the_same_command_goes_on_with_what_is_left(
    look: Look, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, moment = bucket.holds(), moment_between()
    bucket.be_robbed()
    copied: list[str] = []
    copy_over = Versions.copy_over

    def is_killed(self: Versions, key: str, version: StoredVersion) -> None:
        if len(copied) >= RECORDS / 2:
            raise KeyboardInterrupt
        copied.append(key)
        copy_over(self, key, version)

    back = look(moment, main=bucket)
    monkeypatch.setattr(Versions, "copy_over", is_killed)
    with pytest.raises(KeyboardInterrupt):
        back.put_back(unwatched)
    monkeypatch.undo()
    assert bucket.holds() != before

    again = look(moment, main=bucket)
    (work,) = again.works
    assert len(work.lost) < len(before), "what was copied is known to be as it was"
    again.put_back(unwatched)
    assert bucket.holds() == before
    assert look(moment, main=bucket).works == (), "it is done, and is not done again"


def test_who_is_still_there_and_overwrites_again_is_seen_and_nothing_goes_on(
    look: Look, bucket: Bucket
) -> None:
    moment = moment_between()
    bucket.be_robbed()

    def thief(_vault: str, done: int, total: int) -> None:
        if done == total:
            bucket.write("epoch/00000001", b"pay")

    with pytest.raises(Refused, match="epoch/00000001 and 0 more objects are not as they were"):
        look(moment, main=bucket).put_back(thief)
    assert look(moment, main=bucket).works, "it does not count as done"


def test_a_server_that_goes_on_writing_would_leave_a_hole_and_is_refused(
    look: Look, bucket: Bucket
) -> None:
    moment = moment_between()
    bucket.be_robbed()
    written: list[str] = []

    def server(_vault: str, _done: int, _all: int) -> None:
        written.append(f"epoch-00000001/pgbackrest/archive/{len(written):08}")
        bucket.write(written[-1], b"segment")

    with pytest.raises(Refused, match="Somebody goes on writing to vault main"):
        look(moment, main=bucket).put_back(server)


def test_two_vaults_are_put_back_to_one_moment_and_neither_counts_before_both_are(
    look: Look, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = filled(replace(bucket, name=f"{bucket.name}-2").make())
    before, moment = (bucket.holds(), second.holds()), moment_between()
    bucket.be_robbed()
    second.be_robbed()
    copy_over = Versions.copy_over

    def is_killed(self: Versions, key: str, version: StoredVersion) -> None:
        if self.bucket == second.name:
            raise KeyboardInterrupt
        copy_over(self, key, version)

    back = look(moment, main=bucket, second=second)
    monkeypatch.setattr(Versions, "copy_over", is_killed)
    with pytest.raises(KeyboardInterrupt):
        back.put_back(unwatched)
    monkeypatch.undo()
    again = look(moment, main=bucket, second=second)
    assert again.works[0].count == 0
    again.put_back(unwatched)
    assert (bucket.holds(), second.holds()) == before


def test_a_vault_that_does_not_answer_is_left_out_and_noted_as_away(
    look: Look, bucket: Bucket
) -> None:
    dead = replace(bucket, endpoint="https://localhost:9")
    moment = moment_between()
    bucket.be_robbed()
    back = look(moment, dead=dead, main=bucket)
    assert "cannot be asked" in back.aside["dead"]
    back.put_back(unwatched)
    assert "cannot be asked" in bucket.vault().get("away/dead.json").decode()
    assert back.now.list("epoch") == ("epoch/00000001",)


def test_a_vault_that_answers_again_later_hides_nothing_of_what_the_others_got_since(
    look: Look, bucket: Bucket
) -> None:
    second = filled(replace(bucket, name=f"{bucket.name}-2").make())
    moment = moment_between()
    bucket.be_robbed()
    silent = replace(second, endpoint="https://localhost:9")
    look(moment, main=bucket, second=silent).put_back(unwatched)
    bucket.write("epoch/00000008", b"the new reign")
    after = bucket.holds()

    again = look(moment, main=bucket, second=second)
    assert again.works == ()
    assert "left out when the others were put back" in again.aside["second"]
    assert bucket.holds() == after
    assert any("was put back" in said and "before, at" in said for said in again.sentences())


def test_who_is_slower_hides_nothing_of_the_move_that_the_other_one_began(
    look: Look, bucket: Bucket
) -> None:
    moment = moment_between()
    bucket.be_robbed()
    slower, faster = look(moment, main=bucket), look(moment, main=bucket)
    faster.put_back(unwatched)
    bucket.write("epoch/00000008", b"the new reign")
    after = bucket.holds()
    with pytest.raises(Refused, match="Somebody else has put vault main back"):
        slower.put_back(unwatched)
    assert bucket.holds() == after


def test_a_number_that_somebody_took_meanwhile_is_neither_hidden_nor_given_out_again(
    look: Look, bucket: Bucket
) -> None:
    moment = moment_between()
    bucket.be_robbed()

    def other(_vault: str, done: int, total: int) -> None:
        if done == total:
            bucket.write("epoch/00000008", b"moved by somebody")

    with pytest.raises(Refused, match="or has moved the application"):
        look(moment, main=bucket).put_back(other)
    assert bucket.holds()["epoch/00000008"] == b"moved by somebody"
    assert look(moment, main=bucket).above == 8


def test_a_run_that_began_while_a_person_thought_is_not_hidden(look: Look, bucket: Bucket) -> None:
    moment = moment_between()
    back = look(moment, main=bucket)
    Lease.acquire(bucket.vault(), "run-2", process=Process("somebody@there", 1, "there", "1"))
    with pytest.raises(LeaseHeld):
        back.put_back(unwatched)
    assert "lease/00000001" in bucket.holds()


def test_killed_between_two_notes_the_vault_without_one_goes_on_alone(
    look: Look, bucket: Bucket
) -> None:
    second = filled(replace(bucket, name=f"{bucket.name}-2").make())
    moment = moment_between()
    bucket.be_robbed()
    look(moment, main=bucket, second=second).put_back(unwatched)
    (note,) = [key for key in second.vault().list("put-back") if key.endswith("/done.json")]
    second.vault().delete(note)
    again = look(moment, main=bucket, second=second)
    assert [work.vault for work in again.works] == ["second"]
    assert again.aside == {}
    again.put_back(unwatched)
    assert look(moment, main=bucket, second=second).works == ()


def test_a_note_that_nobody_of_us_wrote_counts_for_nothing(look: Look, bucket: Bucket) -> None:
    moment = moment_between()
    bucket.be_robbed()
    look(moment, main=bucket).put_back(unwatched)
    (note,) = [key for key in bucket.vault().list("put-back") if key.endswith("/done.json")]
    bucket.write(note, bucket.vault().get(note).replace(b'"above": 7', b'"above": "x"'))
    assert look(moment, main=bucket).works


def test_a_vault_whose_versions_may_not_be_listed_is_left_out(
    look: Look, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = filled(replace(bucket, name=f"{bucket.name}-2").make())
    moment = moment_between()
    before = Versions.before

    def is_refused(self: Versions, when: datetime) -> Mapping[str, Past]:
        if self.bucket == second.name:
            raise VaultRefused("second", "listing the versions of everything", "AccessDenied")
        return before(self, when)

    monkeypatch.setattr(Versions, "before", is_refused)
    back = look(moment, main=bucket, second=second)
    assert [work.vault for work in back.works] == ["main"]
    assert "AccessDenied" in back.aside["second"]


def test_an_epoch_of_a_vault_that_is_left_out_is_not_given_out_again(
    look: Look, bucket: Bucket
) -> None:
    plain = filled(replace(bucket, name=f"{bucket.name}-plain").make(keeps_versions=False))
    moment = moment_between()
    plain.write("epoch/00000009", b"somebody's")
    assert look(moment, plain=plain, main=bucket).above == 9


def test_another_application_in_the_same_bucket_is_not_touched(look: Look, bucket: Bucket) -> None:
    moment = moment_between()
    neighbour = {"Bucket": bucket.name, "Key": f"{APP}-too/epoch/00000001"}
    bucket.s3.put_object(**neighbour, Body=b"later")
    look(moment, main=bucket).put_back(unwatched)
    assert bucket.s3.get_object(**neighbour)["Body"].read() == b"later"
