from collections.abc import Callable
from pathlib import Path

import pytest
from tests.loading import load

from liferaft.config import ConfigInvalid, VariablesMissing, VariablesUnusable, resolve

RECIPIENT = "age16x3c2xp2kedlh2z7p65dxy9cye0dkg47s7kdn6xskkt8x3edk4nqtthntr"
ENVIRON = {
    "LIFERAFT_VAULT_MAIN_ACCESS_KEY_ID": "id",
    "LIFERAFT_VAULT_MAIN_SECRET_ACCESS_KEY": "hush-vault",
    "LIFERAFT_IDENTITY_FILE": "/keys/identity",
    "LIFERAFT_RECIPIENT": RECIPIENT,
    "POWERDNS_API_KEY": "hush-dns",
}


def test_what_is_named_is_filled_in(valid: str, written: Callable[[str], Path]) -> None:
    credentials = resolve(load(written(valid)), ENVIRON)
    secret = credentials.vaults["main"].secret_access_key
    assert secret is not None
    assert secret.get_secret_value() == "hush-vault"
    assert credentials.recipients == (RECIPIENT,)
    assert credentials.identity_file == Path("/keys/identity")
    assert credentials.dns["one"] == {"host": "192.0.2.1", "api_key": "hush-dns"}
    assert "hush" not in repr(credentials)


def test_all_missing_variables_are_named_at_once(
    valid: str, written: Callable[[str], Path]
) -> None:
    with pytest.raises(VariablesMissing) as caught:
        resolve(load(written(valid)), {"LIFERAFT_RECIPIENT": ""})
    assert set(caught.value.names) == set(ENVIRON)


def test_one_pair_of_a_vault_is_what_everybody_uses(
    valid: str, written: Callable[[str], Path]
) -> None:
    main = resolve(load(written(valid)), ENVIRON).vaults["main"]
    assert (main.hosts, main.reading) == (None, None)
    assert main.held_by_hosts() == main.for_reading() == main


def test_a_vault_takes_other_pairs_for_servers_and_for_reading(
    valid: str, written: Callable[[str], Path]
) -> None:
    more = {
        f"LIFERAFT_{who}_VAULT_MAIN_{what}": f"{who}'s"
        for who in ("HOSTS", "READING")
        for what in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
    }
    main = resolve(load(written(valid)), ENVIRON | more).vaults["main"]
    pairs = (main, main.held_by_hosts(), main.for_reading())
    idents = [pair.access_key_id.get_secret_value() for pair in pairs if pair.access_key_id]
    assert idents == ["id", "HOSTS's", "READING's"]


def test_half_a_pair_is_missing_the_other_half(valid: str, written: Callable[[str], Path]) -> None:
    half = {"LIFERAFT_HOSTS_VAULT_MAIN_ACCESS_KEY_ID": "id"}
    with pytest.raises(VariablesMissing) as caught:
        resolve(load(written(valid)), ENVIRON | half)
    assert caught.value.names == ("LIFERAFT_HOSTS_VAULT_MAIN_SECRET_ACCESS_KEY",)


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


@pytest.mark.parametrize(
    ("value", "flaw"),
    [
        ("key\n", "it holds a line's end"),
        ("key\r\n", "it holds a line's end"),
        ("key\nexpire-auto=y", "it holds a line's end"),
        ("k\x1bey", "it holds a control character"),
        ("k\udcffey", "bytes that are no text"),
        ("k\x85ey", "it holds a control character"),
        ("key ", "it begins or ends with a blank"),
        ("\tkey", "it holds a control character"),
        ('"key"', "it is in quotes"),
    ],
)
@pytest.mark.parametrize("name", [*ENVIRON, "AWS_SECRET_ACCESS_KEY", "LIFERAFT_CA_FILE"])
def test_a_credential_that_is_none_is_told_by_its_name_and_never_repeated(
    valid: str, written: Callable[[str], Path], name: str, value: str, flaw: str
) -> None:
    with pytest.raises(VariablesUnusable) as caught:
        resolve(load(written(valid)), {**ENVIRON, name: value}, site="one")
    assert set(caught.value.flaws) == {name}
    assert flaw in caught.value.flaws[name]
    assert value.strip() not in caught.value.facts.happened


def test_a_key_travels_in_headers_and_a_password_of_a_vendor_need_not(
    valid: str, written: Callable[[str], Path]
) -> None:
    config = load(written(valid))
    resolve(config, {**ENVIRON, "POWERDNS_API_KEY": "geheim ☃ und mehr; #=x"})
    with pytest.raises(VariablesUnusable, match="SECRET_ACCESS_KEY cannot be used: it holds lett"):
        resolve(config, {**ENVIRON, "LIFERAFT_VAULT_MAIN_SECRET_ACCESS_KEY": "ü"})


@pytest.mark.parametrize(
    ("name", "value", "flaw"),
    [
        ("AWS_ACCESS_KEY_ID", "☃", "it holds letters that no key has"),
        ("AWS_SESSION_TOKEN", "☃", "it holds letters that no key has"),
        ("AWS_ENDPOINT_URL", "nonsense", "it has no host name"),
        ("AWS_ENDPOINT_URL", "https://[::1", "Invalid IPv6 URL"),
        ("AWS_ENDPOINT_URL_S3", "https://me:geheim@store.example", "it names a user or a password"),
        ("AWS_ENDPOINT_URL_S3", "ftp://store.example", "it is no https URL"),
        ("AWS_ENDPOINT_URL", "https://store.example:99999", "its port is none from 1 to 65535"),
    ],
)
@pytest.mark.parametrize("way", ["site", "asked"])
def test_what_a_clouds_sdk_could_not_send_is_told_by_name_also_where_it_is_only_asked(
    valid: str, written: Callable[[str], Path], name: str, value: str, flaw: str, way: str
) -> None:
    with pytest.raises(VariablesUnusable) as caught:
        resolve(load(written(valid)), {**ENVIRON, name: value}, **{way: "one"})
    assert caught.value.flaws[name].startswith(flaw)
    assert value not in caught.value.facts.happened


def test_an_endpoint_of_the_operators_own_may_have_a_path_a_port_and_no_name(
    valid: str, written: Callable[[str], Path]
) -> None:
    for url in ("http://127.0.0.1:8080", "https://api.example/compute/v1/", ""):
        resolve(load(written(valid)), {**ENVIRON, "AWS_ENDPOINT_URL": url}, asked="one")


@pytest.mark.parametrize("value", ["age1somebody", f"{RECIPIENT[:-1]}q", RECIPIENT.upper()])
def test_a_recipient_whose_checksum_is_wrong_is_told_before_anything_is_sealed(
    valid: str, written: Callable[[str], Path], value: str
) -> None:
    with pytest.raises(VariablesUnusable, match="LIFERAFT_RECIPIENT cannot be used: it is no age"):
        resolve(load(written(valid)), {**ENVIRON, "LIFERAFT_RECIPIENT": value})


def test_missing_and_unusable_variables_are_told_together(
    valid: str, written: Callable[[str], Path]
) -> None:
    environ = {**ENVIRON, "POWERDNS_API_KEY": "", "LIFERAFT_IDENTITY_FILE": "/keys/identity\n"}
    with pytest.raises(VariablesMissing) as caught:
        resolve(load(written(valid)), environ)
    assert caught.value.names == ("POWERDNS_API_KEY",)
    assert set(caught.value.flaws) == {"LIFERAFT_IDENTITY_FILE"}


def test_other_clouds_variables_are_not_looked_at(
    valid: str, written: Callable[[str], Path]
) -> None:
    resolve(load(written(valid)), {**ENVIRON, "HCLOUD_TOKEN": "token\n"}, site="one")
    with pytest.raises(VariablesUnusable, match="HCLOUD_TOKEN"):
        resolve(load(written(valid)), {**ENVIRON, "HCLOUD_TOKEN": "token\n"}, site="two")


PING = '[snapshots]\nevery = "1d"\nping = "env/PING_URL"\n'


def test_whom_points_are_told_to_is_filled_in_for_work_and_never_shown(
    valid: str, written: Callable[[str], Path]
) -> None:
    config = load(written(valid + PING))
    environ = {**ENVIRON, "PING_URL": "https://hc.example/hush-check"}
    credentials = resolve(config, environ, site="two")
    assert credentials.ping_url is not None
    assert credentials.ping_url.get_secret_value() == "https://hc.example/hush-check"
    assert "hush" not in repr(credentials)
    assert resolve(config, environ).ping_url is None, "nobody works on a site"


def test_no_failover_waits_for_whom_points_are_told_to(
    valid: str, written: Callable[[str], Path]
) -> None:
    assert resolve(load(written(valid + PING)), ENVIRON, site="two").ping_url is None


@pytest.mark.parametrize("address", ["http://hush.example/", "hush", "https://hush:x@y.example/"])
def test_an_address_that_is_none_is_told_by_its_variable_alone(
    valid: str, written: Callable[[str], Path], address: str
) -> None:
    config = load(written(valid + PING))
    with pytest.raises(VariablesUnusable) as caught:
        resolve(config, {**ENVIRON, "PING_URL": address}, site="two")
    assert caught.value.flaws.keys() == {"PING_URL"}
    assert "hush" not in str(caught.value)


def test_an_address_in_the_file_itself_and_one_that_nobody_would_ask_are_refused(
    valid: str, written: Callable[[str], Path]
) -> None:
    for snapshots in (
        '[snapshots]\nevery = "1d"\nping = "https://hc.example/check"\n',
        '[snapshots]\nping = "env/PING_URL"\n',
    ):
        with pytest.raises(ConfigInvalid, match="ping"):
            load(written(valid + snapshots))
