"""Two real stores of different makes, one of which was away: servers bring it what it lacks, with
keys that add and delete nothing, in either direction."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from pydantic import SecretStr
from tests.contract.stores import BUCKET, KEY, KEY_ID, Served, seaweed_store, versity_store

from liferaft.config import VaultConfig, VaultCredentials
from liferaft.data.records.recordbringing.main import main
from liferaft.vault import CheckedVault, EveryVault, attendance, open_vault
from liferaft.vault.catching_up import records
from liferaft_sandbox.vendors.policies import adding

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]
ADDS = "adds"
"""Id and secret of what servers hold."""
NOBODY = "https://127.0.0.1:9"
EVENT, PIN = "runs/a/000001.json", "pins/east/db-1.json"
POINT = "epoch-00000001/points/20261130T120000Z.json"
STATE = "state/.pulumi/stacks/chirp/east.json"


@dataclass(frozen=True)
class Two:
    """Stores by the names of their vaults, and one application in both."""

    stores: dict[str, Served]
    folder: Path
    prefix: str

    def alone(self, name: str) -> CheckedVault:
        return self._opened(name, self.stores[name].endpoint)

    def command(self, *, away: str = "") -> EveryVault:
        ends = {name: NOBODY if name == away else one.endpoint for name, one in self.stores.items()}
        return EveryVault([self._opened(name, endpoint) for name, endpoint in ends.items()])

    def _opened(self, name: str, endpoint: str) -> CheckedVault:
        ca_file = self.stores[name].ca_file
        keys = VaultCredentials(SecretStr(KEY_ID), SecretStr(KEY), ca_file)
        config = VaultConfig(url=f"s3://{BUCKET}", endpoint=endpoint)
        return open_vault(name, config, keys, prefix=self.prefix)

    def look(self, *, key: str = ADDS) -> int:
        """As the timer calls it, with the servers' keys."""
        vaults = [
            {
                "name": name,
                "url": one.endpoint,
                "bucket": BUCKET,
                "region": "us-east-1",
                "access_key": key,
                "secret_key": key,
                "ca_file": str(one.ca_file),
                "prefix": f"{self.prefix}/",
            }
            for name, one in self.stores.items()
        ]
        settings = self.folder / "settings"
        told = {"epoch": 1, "state": str(self.folder / "state"), "vaults": vaults}
        settings.write_text(json.dumps(told))
        return main([str(settings)])


@pytest.fixture(scope="module")
def makes() -> Iterator[dict[str, Served]]:
    with seaweed_store(**{ADDS: adding}) as first, versity_store(**{ADDS: adding}) as second:
        for one in (first, second):
            s3 = boto3.client(
                "s3",
                region_name="us-east-1",
                endpoint_url=one.endpoint,
                verify=str(one.ca_file),
                aws_access_key_id=KEY_ID,
                aws_secret_access_key=KEY,
                config=Config(s3={"addressing_style": "path"}),
            )
            s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield {"seaweed": first, "versity": second}


@pytest.fixture
def two(makes: dict[str, Served], tmp_path: Path) -> Two:
    found = Two(makes, tmp_path, f"chirp-{secrets.token_hex(4)}")
    command = found.command()
    command.create("epoch/00000001", b"east")
    command.create("epoch-00000001/secrets.age", b"sealed")
    command.put(PIN, b"the first pin")
    return found


def away_while(two: Two, name: str) -> None:
    command = two.command(away=name)
    command.create("lease/00000001", b'{"expires": "2026-01-01T00:00:00Z"}')
    command.put("lease-renewed/00000001", b'{"expires": "", "released": true}')
    command.create(EVENT, b"event")
    command.put(PIN, b"the second pin")
    command.put(POINT, b"manifest")
    for number in range(30):
        command.put(f"epoch-00000001/parts/p/part-{number}.json", str(number).encode())
    (other,) = set(two.stores) - {name}
    two.alone(other).raw.put(STATE, b"the engine's")


@pytest.mark.parametrize("name", ["seaweed", "versity"])
def test_a_vault_that_was_away_gets_everything_and_counts_again(two: Two, name: str) -> None:
    away_while(two, name)
    assert [one.vault for one in attendance(two.command()) if not one.is_complete] == [name]
    assert two.look() == 0
    assert all(one.is_complete for one in attendance(two.command()))
    first, second = (two.alone(one) for one in two.stores)
    assert records(first) == records(second)
    for key in records(first):
        assert first.get(key) == second.get(key)
    assert first.raw.get(STATE) == second.raw.get(STATE)


def test_what_a_delete_marker_hides_is_brought_all_the_same(two: Two) -> None:
    """Versity's gateway creates nothing there."""
    two.alone("versity").put(EVENT, b"of a run that was hidden")
    two.alone("versity").delete(EVENT)
    away_while(two, "versity")
    assert two.look() == 0
    assert two.alone("versity").get(EVENT) == b"event"
    assert all(one.is_complete for one in attendance(two.command()))


def test_a_claim_that_one_vault_decided_is_written_where_the_other_creates_nothing(
    two: Two,
) -> None:
    """An epoch that somebody had put beside was hidden there."""
    two.alone("versity").put("epoch/00000002", b"a thief's")
    two.alone("versity").delete("epoch/00000002")
    command = two.command()
    assert command.create("epoch/00000002", b"north") is True
    assert two.alone("versity").get("epoch/00000002") == b"north"
    assert not command.roll.silent


def test_an_emptied_vault_is_filled(two: Two) -> None:
    away_while(two, "versity")
    emptied = replace(two, prefix=two.prefix)
    for key in emptied.alone("versity").list():
        emptied.alone("versity").delete(key)
    assert two.look() == 0
    assert all(one.is_complete for one in attendance(two.command()))


def test_keys_that_a_store_does_not_know_bring_nothing_and_say_so(
    two: Two, capsys: pytest.CaptureFixture[str]
) -> None:
    away_while(two, "versity")
    two.look(key="nobodys")
    assert "answered 403" in capsys.readouterr().err
    assert not all(one.is_complete for one in attendance(two.command()))
