"""A domain that ends or is on hold is found before users meet it, and silence is never fine."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.doctor.conftest import NOW, Find
from tests.registry import RegistryModel, registry

from liferaft.dns.rdap import Registration, Registries
from liferaft.doctor import registrations
from liferaft.doctor.check import Examined
from liferaft.doctor.patient import Patient

Called = Callable[..., Patient]
DEV = (("www.chirp.test", "www.chirp.dev"), ('zone = "chirp.test"', 'zone = "chirp.dev"'))


@pytest.fixture
def there() -> Iterator[RegistryModel]:
    with registry() as model:
        yield model


@pytest.fixture
def said(patient: Called, find: Find, there: RegistryModel) -> Callable[[], list[Examined]]:
    def ask() -> list[Examined]:
        it = replace(patient(*DEV), registries=there.registries)
        return find(registrations.of_registrations(it), "domain")

    return ask


@pytest.mark.parametrize(
    ("left", "severity", "finding"),
    [
        (timedelta(days=300), "ok", "The registration of chirp.dev is good for 300 days more"),
        (timedelta(days=29), "warning", "The registration of chirp.dev ends in 29 days, on 2026"),
        (timedelta(days=2), "critical", "The registration of chirp.dev ends in 2 days, on 2026"),
        (timedelta(hours=-5), "critical", "The registration of chirp.dev ended on 2026-11-30 07:"),
    ],
)
def test_a_domain_that_ends_soon_is_told_the_more_urgently_the_sooner(
    there: RegistryModel,
    said: Callable[[], list[Examined]],
    left: timedelta,
    severity: str,
    finding: str,
) -> None:
    there.has("chirp.dev", "active", expiration=(NOW + left).isoformat())
    (one,) = said()
    assert one.severity == severity
    assert one.finding.startswith(finding)
    assert bool(one.mend) == (severity != "ok")


@pytest.mark.parametrize(
    "status", ["client hold", "serverHold", "redemption period", "pendingDelete", "inactive"]
)
def test_what_takes_a_domain_out_of_the_dns_is_critical_however_long_it_is_paid_for(
    there: RegistryModel, said: Callable[[], list[Examined]], status: str
) -> None:
    there.has("chirp.dev", status, expiration=(NOW + timedelta(days=300)).isoformat())
    (one,) = said()
    assert one.severity == "critical"
    assert one.finding.startswith("chirp.dev has status “")


def test_a_domain_on_its_way_to_another_registrar_is_a_warning(
    there: RegistryModel, said: Callable[[], list[Examined]]
) -> None:
    ends = (NOW + timedelta(days=300)).isoformat()
    there.has("chirp.dev", "pending transfer", expiration=ends)
    severities = {one.severity.value for one in said()}
    assert severities == {"warning", "ok"}


def test_a_renewal_that_the_registrar_may_take_back_is_not_told_as_well(
    there: RegistryModel, said: Callable[[], list[Examined]]
) -> None:
    """The registry renews at the end by itself, and shows the new end to everybody."""
    ends = (NOW + timedelta(days=360)).isoformat()
    there.has("chirp.dev", "auto renew period", expiration=ends)
    (one,) = said()
    assert one.severity == "note"
    assert "can still take that back" in one.finding


def test_who_does_not_say_when_it_ends_leaves_it_unknown(
    there: RegistryModel, said: Callable[[], list[Examined]]
) -> None:
    there.has("chirp.dev", "active")
    (one,) = said()
    assert (one.severity, one.is_answered) == ("unknown", True)
    assert one.finding.startswith("NOT KNOWN: ")


def test_a_domain_that_nobody_registered_is_a_warning(
    said: Callable[[], list[Examined]],
) -> None:
    (one,) = said()
    assert one.severity == "warning"


def test_a_registry_that_refuses_to_answer_leaves_it_unknown_and_is_told(
    there: RegistryModel, said: Callable[[], list[Examined]]
) -> None:
    there.patience = 0
    (one,) = said()
    assert (one.severity, one.is_answered) == ("unknown", False)
    assert "429" in one.finding
    assert one.mend == "Ask again in 120 s."


def test_without_the_internet_it_is_unknown_and_without_rdap_it_wakes_nobody(
    patient: Called, find: Find, there: RegistryModel
) -> None:
    nowhere = replace(patient(*DEV), registries=Registries("http://127.0.0.1:9/dns.json"))
    (one,) = find(registrations.of_registrations(nowhere), "domain")
    assert (one.severity, one.is_answered) == ("unknown", False)
    there.table = {"services": []}
    (one,) = find(
        registrations.of_registrations(replace(nowhere, registries=there.registries)), "domain"
    )
    assert (one.severity, one.is_answered) == ("unknown", True)


def test_a_reserved_name_is_asked_of_nobody(patient: Called, find: Find) -> None:
    nobody = Registries("http://127.0.0.1:9/dns.json")
    it = replace(patient(), registries=nobody)
    (one,) = find(registrations.of_registrations(it), "domain")
    assert (one.severity, one.is_answered) == ("ok", True)


def test_what_the_zone_lies_in_is_named_where_that_is_what_ends() -> None:
    found = Registration("uk.com", NOW - timedelta(days=1))
    (one,) = registrations.judged(found, "chirp.uk.com", NOW)
    assert one.finding.startswith("The registration of uk.com, in which chirp.uk.com lies, ended")
