"""One account, two apps that call their things alike and have the same operators; two reigns."""

from dataclasses import replace

import pytest
from tests.contract.home import Home

from liferaft.clouds.contract import TakenByAnotherOwner

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]  # some ten seconds for each cloud


@pytest.fixture
def neighbour(home: Home) -> Home:
    return replace(home, app=f"n{home.app}")


def test_two_apps_in_one_account_do_not_get_in_each_others_way(
    home: Home, neighbour: Home, kind: str
) -> None:
    things = home.things(kind)
    ours, theirs = home.create(kind), neighbour.create(kind)
    things.delete(theirs.id)
    assert things.read(ours.id) == ours
    assert home.create(kind) == ours
    assert [row.id for row in things.owned_by(app=home.app)] == [ours.id]
    assert list(things.owned_by(app=neighbour.app)) == []


def test_a_bucket_of_another_app_is_neither_used_nor_advised_to_be_deleted(
    home: Home, neighbour: Home
) -> None:
    buckets, spec = home.things("bucket"), home.spec("bucket")
    buckets.create(spec, home.owner("bucket"))
    with pytest.raises(TakenByAnotherOwner, match=f"belongs to app {home.app}") as refused:
        buckets.create(spec, neighbour.owner("bucket"))
    assert "another name" in refused.value.facts.do
    assert [row.id for row in buckets.owned_by(app=home.app)] == [spec.name]


def test_a_new_reign_may_begin_right_after_the_old_one_was_deleted(home: Home, kind: str) -> None:
    """Its things carry another epoch: a provider must not take that for the old request again."""
    things = home.things(kind)
    things.delete(home.make(kind))
    later = replace(home, epoch=home.epoch + 1)
    again = later.create(kind)
    assert things.read(again.id) == again
