"""What an outage breaks: who is served, where copies are left, and what cannot be done."""

from collections.abc import Callable

import pytest

from liferaft.config import Config
from liferaft.doctor.effects import Footing, OutageEffect, effect_of
from liferaft.moves.vendors import VendorUses, vendors_of

DEPOT = '[vaults.depot]\nurl = "s3://depot"\nendpoint = "https://depot.example"\n\n[sites.east]'
Without = Callable[..., OutageEffect]


@pytest.fixture
def without(configured: Callable[..., Config]) -> Without:
    """The effect of an outage of that vendor, with two vaults of which these work."""

    def ask(vendor: str, *vaults: str, home: str | None = "east") -> OutageEffect:
        config = configured(("[sites.east]", DEPOT))
        (uses,) = (one for one in vendors_of(config) if one.vendor == vendor)
        return effect_of(config, Footing(home, both := vaults or ("main", "depot"), both), uses)

    return ask


def test_without_the_cloud_of_the_application_copies_are_left_in_vaults_alone(
    without: Without,
) -> None:
    aws = without("aws")
    assert not aws.are_users_served
    assert set(aws.copies) == {"db", "media", "certificates", "image"}
    assert set(aws.copies.values()) == {("vault main", "vault depot")}
    assert aws.moves == {"deploy": "east is out", "snapshot": "east is out"}
    assert aws.obstacles == ()


def test_without_a_standby_nothing_is_lost_and_it_alone_cannot_be_moved_to(
    without: Without,
) -> None:
    hetzner = without("hetzner")
    assert hetzner.are_users_served
    assert hetzner.moves == {"failover north": "north is out", "drill north": "north is out"}
    assert hetzner.copies["db"] == ("site east", "vault main", "vault depot")


def test_without_a_vault_the_other_one_goes_on_and_every_move_can_be_made(
    without: Without,
) -> None:
    depot = without("depot.example")
    assert depot.moves == {}
    assert depot.copies["db"] == ("site east", "vault main")


def test_without_the_only_vault_that_works_today_no_move_can_be_made(without: Without) -> None:
    """The other one is declared, and silent."""
    depot = without("depot.example", "depot")
    assert depot.copies["db"] == ("site east",)
    assert set(depot.moves) == {"deploy", "snapshot", "failover north", "drill north"}
    assert set(depot.moves.values()) == {"no vault is left"}
    assert "no vault is left to come back from" in depot.obstacles


def test_without_a_dns_vendor_a_drill_can_be_played_and_a_failover_cannot(
    without: Without,
) -> None:
    dns = without("DNS vendor one")
    assert set(dns.moves) == {"deploy", "failover north"}
    assert dns.moves["failover north"] == "DNS vendor one takes no change"


def test_a_vendor_that_has_the_application_and_all_vaults_leaves_no_copy(
    configured: Callable[..., Config],
) -> None:
    everything = VendorUses("aws", sites=("east",), vaults=("main",))
    effect = effect_of(configured(), Footing("east", ("main",), ("main",)), everything)
    assert set(effect.copies.values()) == {()}


def test_an_application_that_is_nowhere_yet_has_no_live_copy(without: Without) -> None:
    assert without("hetzner", home=None).copies["db"] == ("vault main", "vault depot")


def test_a_vault_that_has_no_recovery_point_has_no_copy(configured: Callable[..., Config]) -> None:
    """Moves go on, and what the cloud of the application ends is lost."""
    aws = next(one for one in vendors_of(configured()) if one.vendor == "aws")
    effect = effect_of(configured(), Footing("east", ("main",), ()), aws)
    assert set(effect.copies.values()) == {()}
    assert effect.obstacles == ()
