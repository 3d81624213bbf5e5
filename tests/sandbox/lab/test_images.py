from dataclasses import replace
from pathlib import Path

import pytest

from liferaft_sandbox.failures import MachineLacks
from liferaft_sandbox.lab.images import build, image_folder, machine_sources, read_recipe


def test_any_change_of_a_recipe_is_another_image() -> None:
    recipe = read_recipe("host")
    changed = (
        replace(recipe, packages=(*recipe.packages, "mc")),
        replace(recipe, finish=recipe.finish + "\n"),
        replace(recipe, files=(*recipe.files, ("etc/motd", b""))),
    )
    assert len({recipe.digest, *(other.digest for other in changed)}) == 4


def test_comments_are_no_packages() -> None:
    assert not [name for name in read_recipe("host").packages if "#" in name or " " in name]


def test_a_recipe_upon_another_begins_with_all_of_it() -> None:
    plain, host = read_recipe("plain"), read_recipe("host")
    assert host.packages[: len(plain.packages)] == plain.packages
    assert host.files == plain.files
    assert host.finish.startswith(plain.finish)


def test_the_vendors_own_image_has_nothing_of_the_applications() -> None:
    assert not set(read_recipe("plain").packages) & {"podman", "caddy", "rclone", "pgbackrest"}


def test_an_image_that_is_there_is_not_built_again(tmp_path: Path) -> None:
    recipe = read_recipe("vendors")
    image_folder(recipe, tmp_path).mkdir(parents=True)
    said: list[str] = []
    assert build(recipe, tmp_path, said.append) == image_folder(recipe, tmp_path)
    assert said == ["image vendors: cached"]


def test_a_machine_without_debian_sources_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(MachineLacks, match="no Debian package sources"):
        machine_sources([tmp_path / "missing"])
