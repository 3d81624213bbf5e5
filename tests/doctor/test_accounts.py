"""Each vendor is asked whether it answers to our credentials, and named where it does not."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from pydantic import SecretStr
from tests.doctor.conftest import IN_MEMORY, Find, Said, rows
from tests.models.dns import Zone

from liferaft.clouds.classification import Classification, CloudFailure, Verdict
from liferaft.clouds.contract import Cloud
from liferaft.config import VaultConfig, VaultCredentials
from liferaft.doctor import accounts
from liferaft.doctor.patient import Patient
from liferaft.failures import BadInput
from liferaft.site.site import Site
from liferaft.vault import CheckedVault, EveryVault, VaultRefused, open_vault

Called = Callable[..., Patient]
NEED = BadInput("hetzner needs HCLOUD_TOKEN", do="Set it.")


def dead_vault() -> CheckedVault:
    """Nobody listens at its address."""
    place = VaultConfig(url="s3://dead", endpoint="https://localhost:9")
    return open_vault(
        "depot", place, VaultCredentials(SecretStr("set"), SecretStr("set")), prefix="chirp"
    )


@pytest.mark.usefixtures("east_reigns", "clouds")
def test_accounts_that_answer_are_well(patient: Called, find: Find) -> None:
    east, north = find(accounts.of_clouds(patient()), "account")
    assert (east.about, north.about) == ("site east", "site north")
    assert {east.severity, north.severity} == {"ok"}
    assert "account 1" in east.finding


@pytest.mark.usefixtures("east_reigns")
@pytest.mark.parametrize("site", ["east", "north"])
def test_an_account_that_is_suspended_is_named_as_that(
    patient: Called, clouds: Mapping[str, Said], find: Find, site: str
) -> None:
    clouds[site].holds.is_suspended = True
    worst, _ = find(accounts.of_clouds(patient()), "account")
    assert (worst.severity, worst.about) == ("critical", f"site {site}")
    assert f"says that the account of {site} is suspended or closed" in worst.finding
    wanted = "liferaft failover SITE" if site == "east" else "name another standby"
    assert wanted in worst.mend


@pytest.mark.usefixtures("east_reigns")
@pytest.mark.parametrize("first", [None, "InvalidClientTokenId"])
def test_a_cloud_that_says_only_of_its_servers_that_the_account_is_closed_is_heard(
    patient: Called,
    clouds: Mapping[str, Said],
    monkeypatch: pytest.MonkeyPatch,
    find: Find,
    first: str | None,
) -> None:
    """AWS does: who asks for its name is told nothing of it."""

    def answer(cloud: Said) -> str:
        if first is None or cloud is not clouds["east"]:
            return "account 1"
        meaning = Classification(Verdict.AMBIGUOUS, first, "invalid")
        raise CloudFailure("aws", "asking who we are", meaning, safe="Nothing was changed.")

    monkeypatch.setattr(Said, "account", answer)
    clouds["east"].holds.is_suspended = True
    worst, _ = find(accounts.of_clouds(patient()), "account")
    assert worst.about == "site east"
    assert "suspended or closed (account_suspended" in worst.finding


@pytest.mark.usefixtures("east_reigns", "clouds")
@pytest.mark.parametrize(
    ("verdict", "of_east", "of_north", "said"),
    [
        (Verdict.OUTAGE, "warning", "critical", "does not answer for"),
        (Verdict.AMBIGUOUS, "critical", "critical", "refuses the credentials"),
        (Verdict.THROTTLE, "warning", "warning", "refuses to say who we are"),
    ],
)
def test_what_a_cloud_answers_goes_through_its_own_table(
    patient: Called,
    monkeypatch: pytest.MonkeyPatch,
    find: Find,
    verdict: Verdict,
    of_east: str,
    of_north: str,
    said: str,
) -> None:
    def refuse(cloud: Said) -> str:
        meaning = Classification(verdict, "a-code", "in the vendor's words.")
        raise CloudFailure(cloud.name, "asking who we are", meaning, safe="Nothing was changed.")

    monkeypatch.setattr(Said, "account", refuse)
    found = {one.about: one for one in find(accounts.of_clouds(patient()), "account")}
    east, north = found["site east"], found["site north"]
    assert (east.severity, north.severity) == (of_east, of_north)
    assert said in north.finding
    assert "(a-code: in the vendor's words)" in north.finding


@pytest.mark.usefixtures("east_reigns")
def test_a_standby_without_credentials_is_critical_and_named(
    patient: Called, monkeypatch: pytest.MonkeyPatch, find: Find
) -> None:
    def lack(*_: object) -> Cloud:
        raise NEED

    monkeypatch.setattr(Site, "cloud", lack)
    found = {one.about: one for one in find(accounts.of_clouds(patient()), "account")}
    assert found["site north"].severity == "critical"
    assert found["site north"].finding == "hetzner needs HCLOUD_TOKEN."
    assert found["site east"].severity == "warning"


@pytest.mark.usefixtures("east_reigns")
def test_a_vault_that_answers_is_well(patient: Called, find: Find) -> None:
    (one,) = find(accounts.of_vaults(patient()), "vault")
    assert (one.severity, one.about) == ("ok", "vault main")
    (whole,) = find(accounts.of_vaults(patient()), "vaults-complete")
    assert whole.severity == "ok"


@pytest.mark.usefixtures("east_reigns")
def test_a_dead_vault_is_named_and_another_one_makes_it_a_warning(
    patient: Called, vault: CheckedVault, find: Find
) -> None:
    told = patient()
    dead = dead_vault()
    (alone,) = find(accounts.of_vaults(replace(told, vault=dead)), "vault")
    assert (alone.severity, alone.about, alone.is_answered) == ("critical", "vault depot", False)
    both = replace(told, vault=EveryVault([vault, dead]))
    worst, well = find(accounts.of_vaults(both), "vault")
    assert (worst.severity, worst.about) == ("warning", "vault depot")
    assert (well.severity, well.about) == ("ok", "vault main")
    (lacking,) = find(accounts.of_vaults(both), "vaults-complete")
    assert "Vault depot lacks records" in lacking.finding


@pytest.mark.usefixtures("east_reigns")
def test_a_key_pair_that_is_refused_is_told_apart_from_silence(
    patient: Called, vault: CheckedVault, monkeypatch: pytest.MonkeyPatch, find: Find
) -> None:
    told = patient()

    def refuse(*_: object) -> None:
        raise VaultRefused("main", "listing epochs", "InvalidAccessKeyId", do="Check the keys.")

    monkeypatch.setattr(type(vault), "list", refuse)
    (one,) = find(accounts.of_vaults(told), "vault")
    assert (one.severity, one.is_answered) == ("critical", True)
    assert "refuses its key pair" in one.finding
    assert one.mend == "Check the keys."


@pytest.mark.usefixtures("east_reigns")
def test_a_dns_vendor_shows_where_the_name_points_and_nothing_is_changed(
    patient: Called, zone: Zone, find: Find
) -> None:
    before = dict(zone.rows)
    (one,) = find(accounts.of_dns(patient(IN_MEMORY)), "dns-vendor")
    assert (one.severity, one.about) == ("ok", "DNS vendor one")
    assert "www.chirp.test points to 203.0.113.9" in one.finding
    assert zone.rows == before


@pytest.mark.usefixtures("east_reigns")
def test_a_dns_vendor_that_does_not_answer_is_critical_since_a_failover_ends_there(
    patient: Called, zone: Zone, find: Find
) -> None:
    zone.line.is_dead = True
    (one,) = find(accounts.of_dns(patient(IN_MEMORY)), "dns-vendor")
    assert (one.severity, one.about) == ("critical", "DNS vendor one")


@pytest.mark.usefixtures("east_reigns")
def test_a_record_that_shuts_the_name_out_is_found_before_a_failover_finds_it(
    patient: Called, zone: Zone, find: Find
) -> None:
    zone.rows = rows("CNAME", 60, "elsewhere.test.")
    (one,) = find(accounts.of_dns(patient(IN_MEMORY)), "dns-vendor")
    assert one.severity == "critical"
    assert "is a CNAME" in one.finding


@pytest.mark.usefixtures("east_reigns")
def test_a_ttl_that_is_longer_than_declared_is_told_with_what_it_means(
    patient: Called, zone: Zone, find: Find
) -> None:
    zone.rows = rows("A", 3600, "203.0.113.9")
    worst, _ = find(accounts.of_dns(patient(IN_MEMORY)), "dns-vendor")
    assert worst.severity == "warning"
    assert "a TTL of 3600 s there, and dns.ttl is 60 s" in worst.finding


@pytest.mark.usefixtures("clouds")
def test_with_no_vault_that_answers_sites_are_asked_all_the_same(
    patient: Called, find: Find
) -> None:
    dead, told = dead_vault(), patient()
    blind = Patient.of(told.config, dead, told.environ)
    assert blind.trouble is not None
    assert (blind.home, blind.standbys) == ("east", ("north",))
    assert {one.severity for one in find(accounts.of_clouds(blind), "account")} == {"ok"}


@pytest.mark.usefixtures("east_reigns")
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("AccountProblem", "It says that its account is suspended or closed ("),
        ("InvalidAccessKeyId", "It refuses its key pair, or ends its account ("),
        ("InvalidBucketName", "It refuses its key pair ("),
    ],
)
def test_what_a_store_answers_goes_through_the_table_of_all_that_speak_its_dialect(
    patient: Called, find: Find, code: str, said: str
) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"<Error><Code>{code}</Code></Error>".encode()
            self.send_response(403)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        place = VaultConfig(url="s3://one", endpoint=f"http://localhost:{server.server_port}")
        keys = VaultCredentials(SecretStr("set"), SecretStr("set"))
        it = replace(patient(), vault=open_vault("main", place, keys, prefix="chirp"))
        (one,) = find(accounts.of_vaults(it), "vault")
        server.shutdown()
        thread.join()
    assert one.severity == "critical"
    assert one.finding.startswith(said)
    assert code in one.finding
