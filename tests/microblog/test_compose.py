"""The sample's Compose file, read as liferaft reads it."""

from liferaft.compose import application
from liferaft_stacks.microblog.image import build, recipe


def test_the_compose_file_is_accepted_and_asks_for_the_image_that_is_built() -> None:
    path = recipe.HERE.parent / "compose.yaml"
    assert application.read(path).images == {build.NAME}
