"""What is wrong with the file itself is told with its line, and all of it at once."""

import itertools
from pathlib import Path

import pytest
from tests.config.test_machines import MACHINES, SITE
from tests.config.test_nonsense import ENDPOINT, HEALTH, Find, Written, replaced
from tests.loading import load

from liferaft.config import ConfigInvalid
from liferaft.failures import BadInput


def test_a_mark_of_byte_order_before_the_file_is_nothing(valid: str, folder: Path) -> None:
    path = folder / "liferaft.toml"
    path.write_bytes(b"\xef\xbb\xbf" + valid.encode())
    assert load(path).app.name == "chirp"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("deep = " + "[" * 5000, "nested more than 32 deep"),
        ("deep = " + "[" * 200 + "]" * 200, "nested more than 32 deep"),
        ("a" + ".b" * 3000 + " = 1", "nested more than 32 deep"),
        ("many = " + "9" * 5000, "a number of more than 64 bits"),
        ("many = -" + "9" * 20, "a number of more than 64 bits"),
        ("many = 0x" + "f" * 5000, "a number of more than 64 bits"),
    ],
)
def test_a_row_that_nobody_could_mean_is_told_with_its_line(
    valid: str, problems: Find, row: str, reason: str
) -> None:
    text = replaced(valid, "count = 2", row)
    (problem,) = problems(text)
    assert problem.reason == reason
    assert text.split("\n")[problem.line - 1] == row


def test_an_unknown_key_of_a_table_that_may_be_left_out_is_told(valid: str, problems: Find) -> None:
    text = replaced(
        valid + SITE + MACHINES, "objects = {endpoint", "objects = {extra = 1, endpoint"
    )
    (problem,) = problems(text)
    assert problem.key == "sites.colo.objects.extra"
    assert problem.valid == "endpoint, region"


def test_a_key_with_an_escape_has_its_own_line(valid: str, problems: Find) -> None:
    text = replaced(valid, "count = 2", '"a\\u001bb" = 2')
    (problem,) = problems(text)
    assert problem.key == "servers.app.a\\x1bb"
    assert text.split("\n")[problem.line - 1].startswith('"a')


@pytest.mark.parametrize("key", ["compose", "project", "images", "ca_file"])
def test_paths_that_there_cannot_be_are_told(
    valid: str, written: Written, folder: Path, key: str
) -> None:
    (folder / "loop").symlink_to("loop")
    for path in ("loop", "loop/x", "a" * 100_000, "a\\u0000b"):
        value = f'["{path}"]' if key == "images" else f'"{path}"'
        table = "[vaults.main]" if key == "ca_file" else "[app]"
        text = replaced(valid, f"{table}\n", f"{table}\n{key} = {value}\n")
        with pytest.raises(ConfigInvalid) as caught:
            load(written(text))
        assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("name", ["a" * 100_000, "a\0b", "\udcff"])
def test_a_configuration_that_there_cannot_be_is_said_to_be_unreadable(name: str) -> None:
    with pytest.raises(BadInput) as caught:
        load(Path(name))
    assert len(str(caught.value)) < 1000


def test_every_two_reasons_are_told_together(valid: str, problems: Find) -> None:
    changes = {
        "app.health": (HEALTH, "https://www.chirp.test:8443/"),
        "vaults.main.endpoint": (ENDPOINT, 'endpoint = "https://a:b@c.example"'),
        "sites.two.region": ('region = "fsn1"', 'region = "fsn1 "'),
        "app.name": ('name = "chirp"', 'name = "all"'),
    }
    for first, second in itertools.combinations(changes, 2):
        text = replaced(replaced(valid, *changes[first]), *changes[second])
        assert {problem.key for problem in problems(text)} == {first, second}
