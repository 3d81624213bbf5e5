"""`failover --vault-as-of`: somebody had a vault's key, and everything comes back."""

import asyncio
import json
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests import kept
from tests.contract.stores import KEY, KEY_ID
from tests.moto_store import MotoStore, moto_store
from tests.stolen import Bucket, moment_between

from liferaft.journal import Lease
from liferaft.journal.process import Process
from liferaft.vault import EpochChain, EpochRecord

Liferaft = Callable[..., Any]
Declare = Callable[..., None]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoStore]:
    with moto_store(tmp_path_factory.mktemp("moto"), key=KEY_ID, secret=KEY) as running:
        yield running


@pytest.fixture
def bucket(store: MotoStore) -> Bucket:
    return Bucket(store.url, store.ca_file, f"vault-{secrets.token_hex(4)}").make()


@pytest.fixture
def declare(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Let liferaft.toml name these vaults and no other."""

    def named(**buckets: Bucket) -> None:
        path = folder / "liferaft.toml"
        before, _, rest = path.read_text().partition("[vaults.")
        tables = ""
        for name, one in buckets.items():
            monkeypatch.setenv(f"LIFERAFT_VAULT_{name.upper()}_ACCESS_KEY_ID", KEY_ID)
            monkeypatch.setenv(f"LIFERAFT_VAULT_{name.upper()}_SECRET_ACCESS_KEY", KEY)
            tables += f'[vaults.{name}]\nurl = "s3://{one.name}"\nendpoint = "{one.endpoint}"\n'
            tables += f'ca_file = "{one.ca_file}"\n\n'
        path.write_text(before + tables + rest[rest.index("[sites.") :])

    return named


def fill(bucket: Bucket, folder: Path) -> None:
    """A reign with one of everything, and a failover that may begin from it."""
    vault = bucket.vault()
    EpochChain(vault).claim(EpochRecord(1, "east", "run-1", "2026-11-22T14:00:00Z"))
    recipient = os.environ["LIFERAFT_RECIPIENT"]
    asyncio.run(kept.kept(vault, folder, recipient, folder / "identity"))


def typed(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def test_a_plan_says_what_would_be_put_back_and_touches_nothing(
    liferaft: Liferaft, declare: Declare, folder: Path, bucket: Bucket
) -> None:
    declare(main=bucket)
    fill(bucket, folder)
    before, moment = bucket.holds(), moment_between()
    bucket.be_robbed()
    robbed = bucket.holds()
    assert liferaft("plan", "failover", "north").code != 0, "there is nothing to go on from"

    ran = liferaft("plan", "failover", "north", "--vault-as-of", typed(moment))
    assert ran.code == 0, ran.err
    assert f"Vault main is put back to {typed(moment)}+00" in ran.err
    assert "4 that came since are HIDDEN" in ran.err
    assert "revoke it at the vendor" in ran.err
    assert "Epoch 8: north reigns" in ran.err, "7 was given out, by whomever"
    told = json.loads(
        liferaft("plan", "failover", "north", "--vault-as-of", typed(moment), "--json").out
    )
    (vault,) = told["vaults"]
    assert (vault["vault"], vault["overwritten"] + vault["deleted"], vault["new"]) == (
        *("main", len(before), 4),
    )
    assert bucket.holds() == robbed


def test_a_failover_puts_everything_back_before_it_begins(
    liferaft: Liferaft, declare: Declare, folder: Path, bucket: Bucket
) -> None:
    declare(main=bucket)
    fill(bucket, folder)
    before, moment = bucket.holds(), moment_between()
    bucket.be_robbed()
    as_of = ("--vault-as-of", typed(moment))
    assert liferaft("failover", "north", *as_of, typed="n\n").code == 8
    assert bucket.holds() != before

    ran = liferaft("failover", "north", *as_of, typed="y\n")
    assert "The vaults are as they were." in ran.err
    after = bucket.holds()
    assert before.items() <= after.items()
    ours = ("runs/", "lease", "epoch-00000008/", "state/", "bucket-names/")
    assert all(key.startswith(ours) for key in after.keys() - before.keys())


def test_run_again_it_goes_on_and_hides_nothing_of_what_it_did(
    liferaft: Liferaft, declare: Declare, folder: Path, bucket: Bucket
) -> None:
    declare(main=bucket)
    fill(bucket, folder)
    moment = moment_between()
    bucket.be_robbed()
    as_of = ("--vault-as-of", typed(moment))
    liferaft("failover", "north", *as_of, typed="y\n")
    begun = bucket.holds()
    ran = liferaft("failover", "north", *as_of, typed="n\n")
    assert f"Vault main was put back to {typed(moment)}+00 before" in ran.err
    assert "Epoch 8: north reigns" in ran.err
    assert bucket.holds() == begun


def test_of_two_vaults_the_one_without_versions_is_left_out_by_name(
    liferaft: Liferaft, declare: Declare, folder: Path, bucket: Bucket
) -> None:
    plain = replace(bucket, name=f"{bucket.name}-plain").make(keeps_versions=False)
    declare(plain=plain, main=bucket)
    fill(bucket, folder)
    fill(plain, folder)
    before, moment = bucket.holds(), moment_between()
    bucket.be_robbed()
    plain.be_robbed()
    robbed = plain.holds()
    ran = liferaft("failover", "north", "--vault-as-of", typed(moment), typed="y\n")
    assert "Vault plain is LEFT OUT: its bucket keeps no versions" in ran.err
    assert before.items() <= bucket.holds().items()
    assert "its bucket keeps no versions" in bucket.vault().get("away/plain.json").decode()
    assert plain.holds() == robbed, "nothing is written to it"


def test_without_versions_anywhere_there_is_no_way_back_and_that_is_said_by_name(
    liferaft: Liferaft, declare: Declare, folder: Path, bucket: Bucket
) -> None:
    plain = replace(bucket, name=f"{bucket.name}-plain").make(keeps_versions=False)
    declare(main=plain)
    fill(plain, folder)
    ran = liferaft("failover", "north", "--vault-as-of", typed(moment_between()))
    assert ran.code == 4, ran.err
    assert "vault main: its bucket keeps no versions" in ran.err
    assert "Nothing was done." in ran.err


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("tomorrow", "'tomorrow' is no moment"),
        ("2999-01-01 00:00", "is not over yet"),
        ("2020-01-01 00:00", "vault main: it has nothing of before then: the oldest that it has"),
    ],
)
def test_moments_that_cannot_be_meant_are_refused_before_anything(
    liferaft: Liferaft, declare: Declare, folder: Path, bucket: Bucket, moment: str, said: str
) -> None:
    declare(main=bucket)
    fill(bucket, folder)
    for command in (("failover", "north"), ("plan", "failover", "north")):
        ran = liferaft(*command, "--vault-as-of", moment)
        assert ran.code in {3, 4}, ran.err
        assert said in ran.err
        assert "Nothing was done." in ran.err


def test_a_run_that_is_under_way_is_not_hidden_under_its_hands(
    liferaft: Liferaft, declare: Declare, folder: Path, bucket: Bucket
) -> None:
    declare(main=bucket)
    fill(bucket, folder)
    moment = moment_between()
    elsewhere = replace(Process.this(), place="another machine")
    Lease.acquire(bucket.vault(), "run-2", what="deploy of east", process=elsewhere)
    before = bucket.holds()
    ran = liferaft("failover", "north", "--vault-as-of", typed(moment), "--yes")
    assert ran.code == 5, ran.err
    assert "deploy of east" in ran.err
    assert bucket.holds() == before


def test_the_option_goes_with_a_failover(liferaft: Liferaft) -> None:
    ran = liferaft("plan", "deploy", "east", "--vault-as-of", "2026-11-22 14:00")
    assert ran.code == 2
    assert "--vault-as-of goes with a failover." in ran.err
