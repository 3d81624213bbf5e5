"""What a plan is built from, as a journal holds it."""

import pytest

from liferaft.data.container_images.kind import Images
from liferaft.data.postgres.facts import Timeline
from liferaft.failures import Refused
from liferaft.moves.inputs import DeployInputs, FailoverInputs

DEPLOY = DeployInputs(site="east", epoch=2, reigns=True, from_epoch=1)


def test_a_run_of_a_later_version_is_read_as_far_as_this_one_knows_it() -> None:
    assert DeployInputs.from_json(DEPLOY.to_json() | {"colour": "red"}) == DEPLOY


def test_a_run_that_lacks_what_this_version_needs_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="without from_site, point, point_epoch") as caught:
        FailoverInputs.from_json(DEPLOY.to_json())
    assert "version of liferaft that began it" in caught.value.facts.do


def test_a_failover_of_a_version_that_noted_no_images_is_gone_on_with() -> None:
    told = {"site": "north", "epoch": 2, "reigns": True, "from_epoch": 1, "from_site": "east"}
    told |= {"point": "20261122T140000Z", "point_epoch": 1, "timeline": 1}
    assert FailoverInputs.from_json(told).facts == {"postgres": Timeline(1), "image": Images(())}


def test_secrets_are_carried_on_from_the_epoch_that_had_them() -> None:
    assert DEPLOY.secrets_epoch == 1
    assert DeployInputs(site="east", epoch=2, reigns=True).secrets_epoch == 2


@pytest.mark.parametrize("images", [None, [{"kind": "image", "colour": "red"}]])
def test_images_of_another_version_are_refused_and_no_defect(images: object) -> None:
    told = {"site": "north", "epoch": 2, "reigns": True, "from_epoch": 1, "from_site": "east"}
    told |= {"point": "20261122T140000Z", "point_epoch": 1, "timeline": 1, "images": images}
    with pytest.raises(Refused, match="begun without images"):
        FailoverInputs.from_json(told)
