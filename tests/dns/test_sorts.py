"""A move of the name leaves everything else in a zone as it is, whatever a class writes."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.dns import sorts

from liferaft.dns import switch
from liferaft.dns.failures import DnsChangeRefused, NotYetShown
from liferaft.dns.records import OwnRecords
from liferaft.dns.vendors import DnsVendor
from liferaft.failures import BadInput

PATIENCE = 60.0
"""Seconds for what needs none, on a busy machine."""
OLD, NEW = "198.51.100.7", "192.0.2.80"
WANTED = OwnRecords("example.test", "app.example.test", (NEW,), 60)
EACH_SORT = ["ByChange", "ByDesired", "ByDesiredWithoutNs", "ByExisting", "Priced"]


def zone(**app: Any) -> sorts.Rows:
    """Records of several owners, and the app's with whatever more it has."""
    return {
        ("", "NS"): {"type": "NS", "ttl": 3600, "values": ["ns1.vendor.test.", "ns2.vendor.test."]},
        ("", "MX"): {
            "type": "MX",
            "ttl": 3600,
            "value": {"preference": 10, "exchange": "mail.example.test."},
        },
        ("", "TXT"): {"type": "TXT", "ttl": 3600, "value": "v=spf1 mx -all"},
        ("*", "A"): {"type": "A", "ttl": 3600, "value": "203.0.113.9"},
        ("app", "A"): {"type": "A", "ttl": 300, "value": OLD, **app},
        ("app", "AAAA"): {"type": "AAAA", "ttl": 300, "value": "2001:db8::7"},
        ("mail", "A"): {"type": "A", "ttl": 3600, "value": "203.0.113.25"},
    }


def vendor(sort: str, rows: sorts.Rows, **options: Any) -> DnsVendor:
    return DnsVendor("memory", f"tests.dns.sorts.{sort}", {"rows": rows, **options})


async def moved(vendor: DnsVendor, wanted: OwnRecords = WANTED) -> switch.ZoneOutcome:
    (outcome,) = await switch.apply([vendor], wanted, deadline=PATIENCE)
    return outcome


@pytest.mark.parametrize("sort", EACH_SORT)
async def test_every_sort_of_class_keeps_all_records_that_are_not_ours(sort: str) -> None:
    rows = zone()
    before = copy.deepcopy(rows)
    outcome = await moved(vendor(sort, rows))
    assert outcome.failure is None
    assert outcome.changes == (
        f"Point app.example.test to {NEW} (TTL 60 s) instead of {OLD} (TTL 300 s)",
    )
    assert rows == before | {("app", "A"): {"type": "A", "ttl": 60, "value": NEW}}
    assert await switch.holds([vendor(sort, rows)], WANTED, deadline=PATIENCE)


@pytest.mark.parametrize("sort", EACH_SORT)
async def test_every_sort_of_class_adds_a_name_to_all_that_is_there(sort: str) -> None:
    rows = zone()
    del rows["app", "A"]
    before = copy.deepcopy(rows)
    assert (await moved(vendor(sort, rows))).is_ok
    assert rows == before | {("app", "A"): {"type": "A", "ttl": 60, "value": NEW}}


@pytest.mark.parametrize("sort", EACH_SORT)
async def test_a_second_move_to_the_same_place_writes_nothing(sort: str) -> None:
    rows = zone(ttl=60, value=NEW)
    before = copy.deepcopy(rows)
    outcome = await moved(vendor(sort, rows))
    assert outcome.is_ok
    assert not outcome.changes
    assert "app.example.test also has an AAAA record" in outcome.warnings[0]
    assert rows == before


@pytest.mark.parametrize("told", [False, None])
@pytest.mark.parametrize("sort", EACH_SORT)
async def test_a_zone_that_the_class_cannot_read_is_never_written(
    sort: str, told: bool | None
) -> None:
    rows: sorts.Rows = {}
    outcome = await moved(vendor(sort, rows, told=told))
    assert isinstance(outcome.failure, DnsChangeRefused)
    assert not rows


async def test_a_class_that_writes_nothing_is_not_told_as_a_move() -> None:
    outcome = await moved(vendor("ByChange", zone(), apply_disabled=True))
    assert isinstance(outcome.failure, DnsChangeRefused)
    assert not outcome.changes


async def test_a_change_that_the_vendor_shows_late_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(switch, "EVERY_SECONDS", 0.001)
    late = vendor("Late", zone())
    assert (await moved(late)).is_ok
    assert not await switch.holds([late], WANTED, deadline=PATIENCE)
    await switch.confirm(late, WANTED, deadline=PATIENCE)
    assert await switch.holds([late], WANTED, deadline=PATIENCE)


async def test_a_change_that_never_shows_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switch, "EVERY_SECONDS", 2 * PATIENCE)
    with pytest.raises(NotYetShown) as caught:
        await switch.confirm(vendor("ByChange", zone()), WANTED, deadline=PATIENCE)
    assert f"instead of {OLD}" in caught.value.facts.details["missing"]


async def test_a_record_that_octodns_leaves_alone_is_not_told_as_a_move() -> None:
    outcome = await moved(vendor("ByChange", zone(octodns={"ignored": True})))
    assert isinstance(outcome.failure, DnsChangeRefused)
    assert f"would not point app.example.test to {NEW}" in outcome.failure.facts.happened


@pytest.mark.parametrize(("label", "kind"), [("app", "NS"), ("deep.app", "NS"), ("app", "DNAME")])
async def test_a_name_that_is_looked_up_elsewhere_is_not_pointed_in_vain(
    label: str, kind: str
) -> None:
    rows = zone()
    del rows["app", "A"], rows["app", "AAAA"]
    rows[label, kind] = {"type": kind, "ttl": 60, "value": "elsewhere.test."}
    before = copy.deepcopy(rows)
    wanted = OwnRecords("example.test", "deep.app.example.test", (NEW,), 60)
    outcome = await moved(vendor("ByChange", rows), wanted)
    assert isinstance(outcome.failure, DnsChangeRefused)
    assert f"{label}.example.test is a {kind}" in outcome.failure.facts.happened
    assert rows == before


async def test_what_a_vendor_keeps_with_the_record_stays_and_is_told() -> None:
    kept = {"cloudflare": {"proxied": True, "auto-ttl": True, "comment": "the shop"}}
    rows = zone(octodns=kept)
    outcome = await moved(vendor("ByChange", rows))
    told = (
        f"Point app.example.test to {NEW} (TTL of the vendor's choice) instead of {OLD} "
        "(TTL of the vendor's choice), keeping cloudflare auto-ttl, cloudflare comment, "
        "cloudflare proxied"
    )
    assert outcome.changes == (told,)
    assert rows["app", "A"]["octodns"] == kept


async def test_what_a_vendor_notes_about_an_address_that_goes_goes_with_it() -> None:
    notes = [{"value": OLD, "comment": "old"}, {"value": NEW, "comment": "new"}]
    rows = zone(octodns={"cloudflare": {"values": notes, "proxied": False}})
    assert (await moved(vendor("ByChange", rows))).is_ok
    left = {"cloudflare": {"values": notes[1:], "proxied": False}}
    assert rows["app", "A"]["octodns"] == left


async def test_a_ttl_that_the_vendor_lengthens_is_told_as_it_will_be() -> None:
    rows = zone()
    outcome = await moved(vendor("Patient", rows))
    assert outcome.changes[0].startswith(f"Point app.example.test to {NEW} (TTL 120 s) instead")
    assert await switch.holds([vendor("Patient", rows)], WANTED, deadline=PATIENCE)


@pytest.mark.filterwarnings("ignore:.*geo.*:DeprecationWarning")
async def test_rules_that_an_address_ends_are_told() -> None:
    outcome = await moved(vendor("ByChange", zone(geo={"EU": ["203.0.113.77"]})))
    assert outcome.changes[0].endswith("(TTL 300 s), ending its rules (geo)")


async def test_octodns_own_yaml_files_keep_all_records_that_are_not_ours(tmp_path: Path) -> None:
    file = tmp_path / "example.test.yaml"
    written = {
        "": [
            {"type": "MX", "values": [{"exchange": "mail.example.test.", "preference": 10}]},
            {"type": "NS", "values": ["ns1.vendor.test.", "ns2.vendor.test."]},
            {"type": "TXT", "value": "v=spf1 mx -all; x"},
        ],
        "*": {"type": "A", "value": "203.0.113.9"},
        "app": [{"type": "A", "ttl": 300, "value": OLD}, {"type": "AAAA", "value": "2001:db8::7"}],
        "mail": {"type": "A", "value": "203.0.113.25", "octodns": {"healthcheck": {"path": "/"}}},
    }
    file.write_text(yaml.safe_dump(written))
    options = {
        "directory": str(tmp_path),
        "enforce_order": False,
        "supports_root_ns": False,
        "escaped_semicolons": False,
    }
    files = DnsVendor("files", "octodns.provider.yaml.YamlProvider", options)
    assert (await moved(files)).is_ok
    after = yaml.safe_load(file.read_text())
    assert after.pop("app")[0] == {"type": "A", "ttl": 60, "value": NEW}
    assert _plain(after) == _plain({name: at for name, at in written.items() if name != "app"})
    assert await switch.holds([files], WANTED, deadline=PATIENCE)


async def test_zone_files_that_would_be_written_anew_are_refused_by_name() -> None:
    rows = zone()
    outcome = await moved(vendor("ZoneFileProvider", rows))
    assert isinstance(outcome.failure, BadInput)
    assert "its SOA with the serial" in outcome.failure.facts.happened
    assert "Rfc2136Provider" in outcome.failure.facts.do
    assert rows == zone()


def _plain(zone: dict[str, Any]) -> dict[str, Any]:
    """With single records and single values as lists, which mean the same."""
    return {
        name: [
            {**one, "values": one.get("values", [one.get("value")]), "value": None}
            for one in (at if isinstance(at, list) else [at])
        ]
        for name, at in zone.items()
    }
