from collections.abc import Callable
from pathlib import Path

import pytest

from liferaft.config import VariablesMissing, load, resolve

ENVIRON = {
    "LIFERAFT_VAULT_MAIN_ACCESS_KEY_ID": "id",
    "LIFERAFT_VAULT_MAIN_SECRET_ACCESS_KEY": "hush-vault",
    "LIFERAFT_IDENTITY_FILE": "/keys/identity",
    "LIFERAFT_RECIPIENT": "age1somebody",
    "POWERDNS_API_KEY": "hush-dns",
}


def test_what_is_named_is_filled_in(valid: str, written: Callable[[str], Path]) -> None:
    credentials = resolve(load(written(valid)), ENVIRON)
    secret = credentials.vaults["main"].secret_access_key
    assert secret is not None
    assert secret.get_secret_value() == "hush-vault"
    assert credentials.recipients == ("age1somebody",)
    assert credentials.identity_file == Path("/keys/identity")
    assert credentials.dns["one"] == {"host": "192.0.2.1", "api_key": "hush-dns"}
    assert "hush" not in repr(credentials)


def test_all_missing_variables_are_named_at_once(
    valid: str, written: Callable[[str], Path]
) -> None:
    with pytest.raises(VariablesMissing) as caught:
        resolve(load(written(valid)), {"LIFERAFT_RECIPIENT": ""})
    assert set(caught.value.names) == set(ENVIRON)


def test_a_vault_in_a_folder_needs_no_keys(valid: str, written: Callable[[str], Path]) -> None:
    text = valid.replace('"s3://chirp-vault"', '"file:///srv/vault"')
    text = text.replace('endpoint = "https://objects.example"\n', "")
    environ = {name: value for name, value in ENVIRON.items() if "VAULT" not in name}
    assert resolve(load(written(text)), environ).vaults["main"].access_key_id is None


def test_only_the_bucket_of_the_site_at_work_needs_keys(
    valid: str, written: Callable[[str], Path]
) -> None:
    config = load(written(valid + '[data.media]\nkind = "bucket"\n'))
    assert resolve(config, ENVIRON).buckets == {}
    with pytest.raises(VariablesMissing) as caught:
        resolve(config, ENVIRON, site="two")
    assert caught.value.names == (
        "LIFERAFT_BUCKET_TWO_ACCESS_KEY_ID",
        "LIFERAFT_BUCKET_TWO_SECRET_ACCESS_KEY",
    )
    keys = dict.fromkeys(caught.value.names, "hush-bucket")
    credentials = resolve(config, {**ENVIRON, **keys}, site="two")
    assert credentials.buckets["two"].secret_access_key.get_secret_value() == "hush-bucket"
