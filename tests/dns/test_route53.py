"""octoDNS's own class for Route 53, to the one that moto plays within the process."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.responses import ActionResult
from moto.route53.responses import Route53
from tests.dns.recipes import vendor_of

from liferaft.dns import switch
from liferaft.dns.records import Leaving, OwnRecords
from liferaft.dns.vendors import DnsVendor

OLD, NEW = "198.51.100.7", "192.0.2.9"
WANTED = OwnRecords("example.test", "app.example.test", (NEW,), 60)
PATIENCE = 60.0


@pytest.fixture
def route53(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client that looks past liferaft at a zone of several owners."""

    def health_checks(_: Any) -> ActionResult:
        """Moto leaves out what the API always says (`IsTruncated` is required in its model)."""
        none = {"HealthChecks": [], "Marker": "", "IsTruncated": False, "MaxItems": "100"}
        return ActionResult(none)

    monkeypatch.setattr(Route53, "list_health_checks", health_checks)
    with mock_aws():
        yield _with_a_zone()


def _with_a_zone() -> Any:
    session: Any = boto3.Session("id", "a-secret", region_name="us-east-1")
    client = session.client("route53")
    zone = client.create_hosted_zone(Name="example.test.", CallerReference="one")
    client.zone = zone["HostedZone"]["Id"]
    rows = [("app", "A", OLD), ("mail", "A", "203.0.113.25"), ("app", "TXT", '"v=spf1 -all"')]
    changes = [
        {
            "Action": "CREATE",
            "ResourceRecordSet": {
                "Name": f"{name}.example.test.",
                "Type": kind,
                "TTL": 300,
                "ResourceRecords": [{"Value": value}],
            },
        }
        for name, kind, value in rows
    ]
    batch = {"Changes": changes}
    client.change_resource_record_sets(HostedZoneId=client.zone, ChangeBatch=batch)
    return client


@pytest.fixture
def vendor() -> DnsVendor:
    return vendor_of("Route 53")


def rows(client: Any) -> dict[tuple[str, str], tuple[int, list[str]]]:
    found = client.list_resource_record_sets(HostedZoneId=client.zone)["ResourceRecordSets"]
    return {
        (row["Name"], row["Type"]): (row["TTL"], [one["Value"] for one in row["ResourceRecords"]])
        for row in found
    }


async def test_a_move_changes_our_record_and_a_second_one_nothing(
    route53: Any, vendor: DnsVendor
) -> None:
    before = rows(route53)
    (outcome,) = await switch.apply([vendor], WANTED, deadline=PATIENCE)
    assert outcome.failure is None
    assert rows(route53) == before | {("app.example.test.", "A"): (60, [NEW])}
    assert await switch.holds([vendor], WANTED, deadline=PATIENCE)


async def test_the_name_leaves_an_address_there(route53: Any, vendor: DnsVendor) -> None:
    before = rows(route53)
    leaving = Leaving("example.test", "app.example.test", frozenset({OLD}))
    (outcome,) = await switch.apply([vendor], leaving, deadline=PATIENCE)
    assert outcome.failure is None
    del before["app.example.test.", "A"]
    assert rows(route53) == before
