"""A drill's check is a URL or a command in a container, and a mistake in it is told in a word."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.config.test_nonsense import Find
from tests.loading import load

from liferaft.config.drill_check import CheckCommand

Written = Callable[[str], Path]


def test_a_url_is_taken_as_it_stands(written: Written, valid: str) -> None:
    url = "https://www.chirp.example/smoke"
    assert load(written(f'{valid}\n[drill]\ncheck = "{url}"\n')).drill.check == url


def test_a_command_names_its_service_and_has_a_minute(written: Written, valid: str) -> None:
    row = 'check = {service = "web", command = ["python", "smoke.py"]}'
    found = load(written(f"{valid}\n[drill]\n{row}\n")).drill.check
    assert found == CheckCommand(service="web", command=("python", "smoke.py"), within=60)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('check = "http://www.chirp.example/smoke"', "it is no https URL"),
        ('check = {command = ["true"]}', "its service is not valid"),
        ('check = {service = "web"}', "its command is not valid"),
        ('check = {service = "web", command = []}', "its command is not valid"),
        ('check = {service = "web", command = "true"}', "its command is not valid"),
        ('check = {service = "web", command = ["true"], within = 0}', "its within is not valid"),
        ('check = {service = "web", command = ["true"], user = "root"}', "its user is not valid"),
        ("check = 3", "neither a URL nor a command"),
    ],
)
def test_what_is_neither_is_told_with_its_line_and_once(
    valid: str, problems: Find, row: str, said: str
) -> None:
    text = f"{valid}\n[drill]\n{row}\n"
    (problem,) = problems(text)
    assert problem.key == "drill.check"
    assert said in problem.reason
    assert text.split("\n")[problem.line - 1] == row
