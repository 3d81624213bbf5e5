"""Cloud DNS: a change is made whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import google.cloud.dns
import pytest
from google.api_core import exceptions
from octodns.record import Record
from octodns.zone import Zone
from octodns_googlecloud import GoogleCloudProvider
from tests.sandbox.clouds.gcp.conftest import PROJECT

if TYPE_CHECKING:
    from tests.sandbox.clouds.gcp.conftest import Cloud

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.fidelity,
    pytest.mark.timeout(600),  # clients take seconds to load
]
WWW = ("www.chirp.test.", "A", 60, ["192.0.2.1"])


@pytest.fixture
def client(cloud: Cloud) -> Any:
    options = {"api_endpoint": cloud.url}
    make: Any = google.cloud.dns.Client
    return make(project=PROJECT, credentials=cloud.credentials(), client_options=options)


@pytest.fixture
def zone(client: Any) -> Any:
    zone = client.zone("chirp", "chirp.test.", description="the app")
    zone.create()
    return zone


def change(zone: Any, *, add: Any = (), delete: Any = ()) -> Any:
    wanted = zone.changes()
    for one in add:
        wanted.add_record_set(zone.resource_record_set(*one))
    for one in delete:
        wanted.delete_record_set(zone.resource_record_set(*one))
    wanted.create()
    return wanted


def records(zone: Any) -> list[tuple[str, str]]:
    return [(one.name, one.record_type) for one in zone.list_resource_record_sets()]


def test_a_new_zone_has_its_servers_and_its_authority(zone: Any) -> None:
    assert len(zone.name_servers) == 4
    assert records(zone) == [("chirp.test.", "NS"), ("chirp.test.", "SOA")]


def test_a_change_is_pending_and_then_done(zone: Any) -> None:
    made = change(zone, add=[WWW])
    assert made.status == "pending"
    made.reload()
    assert made.status == "done"
    assert ("www.chirp.test.", "A") in records(zone)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"add": [WWW]}, exceptions.Conflict),
        ({"delete": [("www.chirp.test.", "A", 61, ["192.0.2.1"])]}, exceptions.PreconditionFailed),
        ({"delete": [("none.chirp.test.", "A", 60, ["192.0.2.1"])]}, exceptions.NotFound),
        ({"add": [("x.other.test.", "A", 60, ["192.0.2.1"])]}, exceptions.BadRequest),
        ({"add": [("x.chirp.test.", "A", 60, ["192.0.2.256"])]}, exceptions.BadRequest),
        ({"add": [("www.chirp.test.", "CNAME", 60, ["a.test."])]}, exceptions.BadRequest),
    ],
)
def test_a_change_that_cannot_be_changes_nothing(
    zone: Any, asked: dict[str, Any], refusal: type[Exception]
) -> None:
    change(zone, add=[WWW])
    before = records(zone)
    fine = ("fine.chirp.test.", "A", 60, ["192.0.2.9"])
    with pytest.raises(refusal):
        change(zone, add=[fine, *asked.get("add", [])], delete=asked.get("delete", []))
    assert records(zone) == before


def test_a_zone_with_records_stays(zone: Any) -> None:
    change(zone, add=[WWW])
    with pytest.raises(exceptions.BadRequest, match="contains one or more"):
        zone.delete()
    change(zone, delete=[WWW])
    zone.delete()
    assert not zone.exists()


def test_octodns_finds_nothing_to_do_the_second_time(
    zone: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(zone, add=[WWW])
    monkeypatch.setattr("octodns_googlecloud.dns.Client", lambda **_: client)
    wanted = Zone("chirp.test.", [])
    for name, kind, values in (("www", "A", ["192.0.2.2", "192.0.2.3"]), ("t", "TXT", ["a b"])):
        said = {"type": kind, "ttl": 60, "values": values}
        wanted.add_record(Record.new(wanted, name, said))
    provider = GoogleCloudProvider("google", project=PROJECT)
    plan = provider.plan(wanted)
    assert len(plan.changes) == 2
    provider.apply(plan)
    assert GoogleCloudProvider("google", project=PROJECT).plan(wanted) is None
