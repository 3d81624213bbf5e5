"""What is wrong with a DNS vendor is told when the configuration is read, not when users wait."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.config.test_credentials import RECIPIENT
from tests.loading import load

from liferaft.config import Problem, resolve

Find = Callable[[str], tuple[Problem, ...]]
Written = Callable[[str], Path]
CLASS = '"octodns_powerdns.PowerDnsProvider"\nhost = "192.0.2.1"\napi_key = "env/POWERDNS_API_KEY"'
RFC2136 = '"tests.config.classes.Rfc2136Provider"\nhost = "192.0.2.1"'
VENDOR = "dns.vendors.one"


@pytest.mark.parametrize(
    ("given", "key", "reason", "instead"),
    [
        (
            '"octodns_nowhere.Provider"',
            "class",
            "cannot be imported",
            "pip install octodns-nowhere",
        ),
        ('"octodns_powerdns.Nothing"', "class", "cannot be imported", "installed"),
        ('"tests.config.classes.Source"', "class", "no octoDNS provider", "change a zone"),
        ('"os.path.join"', "class", "no octoDNS provider", "change a zone"),
        ('"tests.config.classes.Files"', "class", "SOA with the serial", "Rfc2136Provider"),
        (f"{CLASS}\nhots = 1", "hots", "no such argument", "did you mean host?"),
        (f"{CLASS}\napply_disabled = true", "apply_disabled", "keep every move", "false"),
        (f'{CLASS}\nid = "x"', "id", "no such argument", ""),
        ('"octodns_powerdns.PowerDnsProvider"\nhost = "x"', "api_key", "missing", "PowerDns"),
        (f'{CLASS}\nserver_id = "env/Lower"', "server_id", "names no variable", "upper case"),
        (f'{RFC2136}\nkey_secret = "in clear"', "key_secret", "holds a secret", "env/NAME"),
    ],
)
def test_a_class_that_does_not_fit_is_told_before_anything_is_asked(
    problems: Find, valid: str, given: str, key: str, reason: str, instead: str
) -> None:
    (problem,) = problems(valid.replace(CLASS, given))
    assert problem.key == f"{VENDOR}.{key}"
    assert reason in problem.reason
    assert instead in problem.valid


@pytest.mark.parametrize(
    "option",
    [
        'apikey = "in clear"',
        'apiKey = "in clear"',
        'auth-token = "in clear"',
        "password = 12345",
        'headers = {Authorization = "Bearer in clear"}',
        'login = {user = "me", tokens = ["env/GOOD", "in clear"]}',
        'proxies = {https = "http://me:in-clear@proxy.example"}',
        'pem = "-----BEGIN RSA PRIVATE KEY-----"',
        'secret_id = "in clear"',
    ],
)
def test_a_secret_is_found_however_it_is_called_and_however_deep(
    problems: Find, valid: str, option: str
) -> None:
    found = [
        p for p in problems(valid.replace(CLASS, f"{CLASS}\n{option}")) if "secret" in p.reason
    ]
    assert len(found) == 1
    assert "in clear" not in str(found)
    assert "in-clear" not in str(found)


def test_what_only_names_a_secret_or_says_where_it_is_may_be_written(
    valid: str, written: Written
) -> None:
    options = 'key_name = "ddns.example."\nkey_algorithm = "hmac-sha256"\nkey_secret = "env/K"'
    vendor = load(written(valid.replace(CLASS, f"{RFC2136}\n{options}"))).dns.vendors["one"]
    assert vendor.options["key_name"] == "ddns.example."


@pytest.mark.parametrize(
    "option", ["apply_disabled = false", "by_hand = 1"], ids=["handed on", "looked for by hand"]
)
def test_what_a_class_hands_on_or_looks_for_by_hand_is_no_unknown_argument(
    valid: str, written: Written, option: str
) -> None:
    given = f'"tests.config.classes.Looking"\nhost = "x"\n{option}'
    load(written(valid.replace(CLASS, given)))


def test_variables_are_filled_in_however_deep(valid: str, written: Written) -> None:
    given = f'{CLASS}\nserver_id = {{deep = ["env/DEEP"]}}'
    config = load(written(valid.replace(CLASS, given)))
    environ = dict.fromkeys(
        (
            "LIFERAFT_VAULT_MAIN_ACCESS_KEY_ID",
            "LIFERAFT_VAULT_MAIN_SECRET_ACCESS_KEY",
            "LIFERAFT_IDENTITY_FILE",
            "POWERDNS_API_KEY",
            "DEEP",
        ),
        "filled",
    )
    environ["LIFERAFT_RECIPIENT"] = RECIPIENT
    assert resolve(config, environ).dns["one"]["server_id"] == {"deep": ["filled"]}


GANDI = '"octodns_gandi.GandiProvider"\ntoken = "env/GANDI_TOKEN"'
DESEC = '"octodns_desec.DesecProvider"\ntoken = "env/DESEC_TOKEN"'
HETZNER = '"octodns_hetzner.HetznerProvider"\ntoken = "env/HCLOUD_TOKEN"'


@pytest.mark.parametrize(("given", "least"), [(GANDI, 300), (DESEC, 3600)])
def test_a_ttl_that_the_vendor_refuses_is_told_when_the_file_is_read(
    problems: Find, valid: str, written: Written, given: str, least: int
) -> None:
    text = valid.replace(CLASS, given)
    (found,) = problems(text)
    assert found.key == "dns.ttl"
    assert f"takes no TTL below {least} s" in found.reason
    assert load(written(text.replace("[dns]\n", f"[dns]\nttl = {least}\n"))).dns.ttl == least


def test_a_vendor_that_lets_somebody_have_less_is_believed(
    problems: Find, valid: str, written: Written
) -> None:
    config = load(written(valid.replace(CLASS, f"{DESEC}\nminimum_ttl = 60")))
    assert "minimum_ttl" not in config.dns.vendors["one"].options
    (found,) = problems(valid.replace(CLASS, f"{DESEC}\nminimum_ttl = 900"))
    assert "takes no TTL below 900 s" in found.reason


def test_hetzners_closed_api_is_told_before_anybody_asks_it(
    problems: Find, valid: str, written: Written
) -> None:
    (found,) = problems(valid.replace(CLASS, HETZNER))
    assert (found.key, found.valid) == (f"{VENDOR}.backend", '"hcloud"')
    assert "dns.hetzner.com is closed" in found.reason
    assert load(written(valid.replace(CLASS, f'{HETZNER}\nbackend = "hcloud"')))
