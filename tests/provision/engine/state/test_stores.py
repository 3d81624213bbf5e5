"""Where a state can rest. `tests/contract/test_vaults.py` asks a real one."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from obstore.store import AzureStore, GCSStore, LocalStore, S3Store

from liferaft.failures import BadInput
from liferaft.provision.engine.contract import StateLocation
from liferaft.provision.engine.state.stores import open_store

KEYS = {"access_key_id": "k", "secret_access_key": "s"}
AZURE = {"account_name": "account", "account_key": "a2V5"}


@pytest.fixture(scope="module")
def service_account(tmp_path_factory: pytest.TempPathFactory) -> str:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    path = tmp_path_factory.mktemp("gs") / "account.json"
    account = {"type": "service_account", "client_email": "a@b", "private_key_id": "1"}
    path.write_text(json.dumps({**account, "private_key": pem, "token_uri": "https://x.test"}))
    return str(path)


def test_each_scheme_of_the_cli_has_its_store(
    tmp_path: Path, service_account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/of/the/cloud")
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", "/of/the/cloud")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "of-the-cloud")
    local = open_store(StateLocation(f"file://{tmp_path}/state"))
    s3 = open_store(StateLocation("s3://vault/chirp/state", KEYS))
    google = {"service_account_file": service_account}
    gs = open_store(StateLocation("gs://vault/chirp/state", google))
    azure = open_store(StateLocation("azblob://vault/chirp/state", AZURE))
    assert isinstance(local, LocalStore)
    assert isinstance(s3, S3Store)
    assert isinstance(gs, GCSStore)
    assert gs.config["service_account"] == service_account
    assert isinstance(azure, AzureStore)
    assert azure.config["account_name"] == "account"
    assert {s3.prefix, gs.prefix, azure.prefix} == {"chirp/state"}


@pytest.mark.parametrize(
    ("url", "options", "faults"),
    [
        ("ftp://b", {}, ["none of file://, s3://, gs://, azblob://"]),
        ("s3://b", {}, ["access_key_id is missing", "secret_access_key is missing"]),
        ("s3://b", {**KEYS, "regoin": "x"}, ["regoin is no option of s3://"]),
        ("gs://b", KEYS, ["service_account_file is missing", "access_key_id is no option"]),
        ("gs://b", {"service_account_file": "/not/there"}, ["/not/there"]),
        ("azblob://b", {**AZURE, "ca_file": "/not/there"}, ["No such file"]),
        ("file:///b", KEYS, ["access_key_id is no option"]),
    ],
)
def test_a_place_that_cannot_be_used_is_told_at_once_with_all_reasons(
    url: str, options: dict[str, str], faults: list[str]
) -> None:
    with pytest.raises(BadInput) as told:
        open_store(StateLocation(url, options))
    assert all(fault in told.value.facts.happened for fault in faults)
