"""A bucket that is copied for a drill, while the site that reigns fills its own."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from liferaft.data.bucket.steps import CopyOnTrial
from liferaft.data.failures import NotVerified
from liferaft.data.parts import RestorePart

if TYPE_CHECKING:
    from liferaft.site.world import World


class Copied:
    """Each comparison lacks what the next entry says; each copy is counted."""

    def __init__(self, *lacking: str) -> None:
        self.lacking = iter(lacking)
        self.markers: list[str] = []

    async def compare(self, *_: object) -> None:
        missing = next(self.lacking)
        if missing:
            raise NotVerified("objects are missing", details={"missing": missing})

    async def restore(self, host: object, part: object, *, marker: str) -> None:
        self.markers.append(marker)


@pytest.fixture
def proven(monkeypatch: pytest.MonkeyPatch) -> Any:
    async def prove(copied: Copied) -> None:
        async def given(*_: object) -> Any:
            return copied

        monkeypatch.setattr(RestorePart, "prove", copied.compare)
        monkeypatch.setattr(CopyOnTrial, "_data", given)
        monkeypatch.setattr(CopyOnTrial, "_part", given)
        world = SimpleNamespace(servers=SimpleNamespace(host=given))
        action = CopyOnTrial("bucket", "media", "db-1", point_epoch=1, point="p", old=1, epoch=2)
        await action.prove(cast("World", world))

    return prove


async def test_what_came_after_the_copy_is_no_fault(proven: Any) -> None:
    copied = Copied("'new/1.png'", "'new/2.png'")
    await proven(copied)
    assert len(copied.markers) == 1
    assert copied.markers[0].endswith("/again")


async def test_what_lacks_after_the_copy_was_gone_on_with_is_told(proven: Any) -> None:
    with pytest.raises(NotVerified, match="objects are missing"):
        await proven(Copied("'old/1.png'", "'new/2.png', 'old/1.png'"))


async def test_a_copy_that_is_whole_is_compared_once(proven: Any) -> None:
    copied = Copied("")
    await proven(copied)
    assert not copied.markers
