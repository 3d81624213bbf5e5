"""Nothing is made that was not allowed, at the prices of the lists."""

from pathlib import Path

import pytest
from benchmarks.live.budget import Budget
from benchmarks.live.consent import Asked, Declined, GivenAhead
from benchmarks.live.metered import MeteredCloud, hourly_price
from tests.benchmarks.live.modelled import PRICES, Clock, Played, outcomes
from tests.models.cloud import CloudModel

from liferaft.clouds.contract import Owner
from liferaft.clouds.kinds import AddressSpec, BucketSpec, NetworkSpec, ServerSpec, VolumeSpec
from liferaft.clouds.prices import NOT_KNOWN

SERVER = ServerSpec("app-1", cpus=1, memory=1024, user_data="")
OWNER = Owner.of("urn", app="liferaft-live", site="run-1", epoch=1)


def test_each_kind_costs_what_the_list_says() -> None:
    cloud = CloudModel()
    assert hourly_price(cloud, PRICES, "address", AddressSpec("entry")) == 0.01
    assert hourly_price(cloud, PRICES, "bucket", BucketSpec("media")) == pytest.approx(0.01)
    volume = VolumeSpec("uploads", 10, "server")
    assert hourly_price(cloud, PRICES, "volume", volume) == pytest.approx(0.01)
    # The dearest of the five types that are tried, a disk of 20 GB, an address.
    server = hourly_price(cloud, PRICES, "server", SERVER)
    assert server == pytest.approx(0.5 + 0.02 + 0.01)


def test_a_price_that_nobody_knows_is_none_and_nobody_agrees_to_it_ahead() -> None:
    cloud = CloudModel()
    assert hourly_price(cloud, NOT_KNOWN, "server", SERVER) is None
    metered = MeteredCloud(cloud, Budget(9, 60, NOT_KNOWN, Clock()), GivenAhead())
    with pytest.raises(Declined, match="its price is not known"):
        metered.kinds["address"].create(AddressSpec("entry"), OWNER)
    assert cloud.holds.things == {}


def test_a_person_is_asked_before_what_costs_and_not_before_what_is_free() -> None:
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return "no"

    cloud = CloudModel()
    metered = MeteredCloud(cloud, Budget(9, 60, PRICES, Clock()), Asked(answer))
    metered.kinds["network"].create(NetworkSpec("network"), OWNER)
    with pytest.raises(Declined):
        metered.kinds["address"].create(AddressSpec("entry"), OWNER)
    (question,) = asked
    assert "0.0100 EUR an hour by the list, 0.0100 at the most" in question
    assert [thing.kind for thing in cloud.holds.things.values()] == ["network"]


def test_what_a_person_declines_is_not_made_and_the_rest_is_told(tmp_path: Path) -> None:
    consent = Asked(lambda question: "no" if "server" in question else "all")
    played = Played(tmp_path, consent=consent)
    told = outcomes(played.play())
    assert (told["address"], told["server"], told["ssh"]) == (
        "as expected",
        "not tried",
        "not tried",
    )
    assert played.cloud.holds.things == {}
