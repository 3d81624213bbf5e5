"""Where images come from is a list of archives, or the name of a place that has them all."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.config.test_nonsense import Find
from tests.loading import load

from liferaft.config.images import ImageSource

Written = Callable[[str], Path]
NAME = 'name = "chirp"\n'


def with_images(valid: str, told: str) -> str:
    return valid.replace(NAME, f"{NAME}images = {told}\n", 1)


def test_archives_are_in_the_folder_of_the_file(written: Written, valid: str) -> None:
    path = written(with_images(valid, '["web.tar", "../other.tar"]'))
    app = load(path).app
    assert app.archives == (path.parent / "web.tar", path.parent.parent / "other.tar")
    assert load(written(valid)).app.archives == ()


@pytest.mark.parametrize("word", ["local", "registry"])
def test_a_place_is_told_by_its_word(written: Written, valid: str, word: str) -> None:
    app = load(written(with_images(valid, f'"{word}"'))).app
    assert app.images is ImageSource(word)
    assert app.archives == ()


@pytest.mark.parametrize("told", ['"docker"', '""', "3", "true", "[3]", "{a = 1}", '[["a"]]'])
def test_what_is_neither_is_told_once_with_its_line_and_what_would_be(
    valid: str, problems: Find, told: str
) -> None:
    text = with_images(valid, told)
    (problem,) = problems(text)
    assert problem.key == "app.images"
    assert text.split("\n")[problem.line - 1] == f"images = {told}"
    assert "local, for podman or docker" in problem.valid
