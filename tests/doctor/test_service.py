"""What users meet: an application that is not well, a certificate that ends or is not kept."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.doctor.conftest import NOW, Find

from liferaft.config import VaultCredentials
from liferaft.doctor import service
from liferaft.doctor.patient import Patient
from liferaft.edge.served import ServedCertificate
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.site.outputs import SiteOutputs
from liferaft.site.site import Site
from liferaft.vault import Vault, open_vault

Called = Callable[..., Patient]
Show = Callable[..., list[str]]
pytestmark = pytest.mark.usefixtures("east_reigns")
DAY = timedelta(days=1)
FRESH = ServedCertificate(NOW - 30 * DAY, NOW + 60 * DAY)


@pytest.fixture(autouse=True)
def _has_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    async def outputs(_: Site) -> SiteOutputs:
        return SiteOutputs("198.51.100.7", (), None)

    monkeypatch.setattr(Site, "outputs", outputs)


@pytest.fixture
def show(patient: Called, find: Find, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> Show:
    """What is said where users are shown this certificate, and one was kept at that moment."""

    def ask(shown: ServedCertificate | OSError, kept: datetime | None = NOW - DAY) -> list[str]:
        def seen(address: str, domain: str, _: object) -> ServedCertificate:
            assert (address, domain) == ("198.51.100.7", "www.chirp.test")
            if isinstance(shown, OSError):
                raise shown
            return shown

        monkeypatch.setattr(service, "served_certificate", seen)
        at = (kept or NOW).isoformat()
        parts = (Part("certificates", "certificates", 1, at, 1),) if kept else ()
        publish(vault, RecoveryPoint("20261129T120000Z", "chirp", 1, "east", at, parts))
        found = find(service.of_service(patient()), "certificate")
        return [f"{one.severity}: {one.finding}" for one in found]

    return ask


def test_one_that_is_good_and_kept_is_well(show: Show) -> None:
    shown, kept = show(FRESH)
    assert shown == "ok: It is good for 60 days more, until 2027-01-29 12:00 UTC."
    assert kept.startswith("ok: The vaults have it, as of 2026-11-29 12:00 UTC.")


@pytest.mark.parametrize(
    ("left", "lifetime", "severity"),
    [
        (13 * DAY, 90 * DAY, "warning"),
        (15 * DAY, 90 * DAY, "ok"),
        (2 * DAY, 6 * DAY, "ok"),
        (1 * DAY, 6 * DAY, "warning"),
    ],
)
def test_one_that_should_have_been_renewed_is_a_warning_by_its_own_lifetime(
    show: Show, left: timedelta, lifetime: timedelta, severity: str
) -> None:
    ends = NOW + left
    assert show(ServedCertificate(ends - lifetime, ends), NOW)[0].startswith(severity)


def test_one_that_users_refuse_is_critical(show: Show) -> None:
    refused = ServedCertificate(NOW - 90 * DAY, NOW - DAY, "certificate has expired")
    assert show(refused)[0].startswith("critical: Users refuse it (certificate has expired)")


def test_one_that_was_issued_after_the_last_keeping_is_not_what_a_failover_would_serve(
    show: Show,
) -> None:
    kept, _ = show(FRESH, NOW - 40 * DAY)
    assert kept.startswith("warning: It was issued after certificates were kept last")


def test_a_point_without_certificates_is_told(show: Show) -> None:
    kept, _ = show(FRESH, None)
    assert kept.startswith("warning: No recovery point keeps one")


def test_nobody_who_shows_one_is_not_known_and_not_well(show: Show) -> None:
    (one,) = show(ConnectionRefusedError("refused"))
    assert one.startswith("unknown: NOT KNOWN: nobody shows one at 198.51.100.7")


@pytest.mark.parametrize(("ailment", "severity"), [(None, "ok"), ("it answers 503", "critical")])
def test_the_application_is_asked_as_its_users_ask_it(
    patient: Called,
    find: Find,
    monkeypatch: pytest.MonkeyPatch,
    ailment: str | None,
    severity: str,
) -> None:
    asked: list[Any] = []

    def answer(*question: object) -> str | None:
        asked.append(question)
        return ailment

    monkeypatch.setattr(service, "ailment_of", answer)
    (one,) = find(service.of_service(patient()), "served")
    assert one.severity == severity
    assert asked == [("https://www.chirp.test/healthz", "198.51.100.7", None)]


def test_before_the_first_deploy_there_is_nobody_to_ask(
    configured: Any, environ: dict[str, str], tmp_path: Any
) -> None:
    config = configured((f"{tmp_path}/vault", f"{tmp_path}/empty"))
    empty = open_vault("main", config.vaults["main"], VaultCredentials(), prefix="chirp")
    assert not [*service.of_service(Patient.of(config, empty, environ))]
