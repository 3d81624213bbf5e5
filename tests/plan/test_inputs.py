"""What every plan is built from, as a journal holds it."""

from dataclasses import dataclass

from liferaft.clouds.systems import DEFAULT_SYSTEM
from liferaft.plan.inputs import Inputs


@dataclass(frozen=True, kw_only=True)
class Pointed(Inputs):
    """Of a move that makes something, whose name is another one each time."""

    point: str


def test_what_is_not_known_is_not_in_the_journal() -> None:
    assert Inputs(site="east", epoch=1, reigns=False).to_json() == {
        "site": "east",
        "epoch": 1,
        "reigns": False,
        "system": DEFAULT_SYSTEM,
    }


def test_a_point_of_another_name_is_the_same_work_and_another_epoch_is_not() -> None:
    one = Pointed(site="east", epoch=1, reigns=True, point="20261122T140000Z")
    later = Pointed(site="east", epoch=1, reigns=True, point="20261122T150000Z", follows="run-1")
    assert one.is_begun_alike(later)
    assert not one.is_begun_alike(Pointed(site="east", epoch=2, reigns=True, point="p"))
