"""Values of a Compose file are what Compose's own reader takes them for, each with its line.

What is expected here is what Docker Compose 2.40.3 tells a service of the same word.
"""

from pathlib import Path

import pytest

from liferaft.compose.node import NotRead, YamlNode, read, text

FILE = Path("compose.yaml")


def of(written: str) -> YamlNode:
    return read(f"a: {written}\n", FILE).entries["a"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("yes", "yes"),
        ("true", "true"),
        ("True", "true"),
        ('"true"', "true"),
        ("1.10", "1.1"),
        ('"1.10"', "1.10"),
        ("0755", "493"),
        ("0x1F", "31"),
        ("0o17", "15"),
        ("1_000", "1000"),
        ("22:22", "22:22"),
        ("1e3", "1000"),
        ("1.0", "1"),
        ("1000000.0", "1e+06"),
        ("1.5e10", "1.5e+10"),
        ("0.00001", "1e-05"),
        ("12345678901234567890", "12345678901234567890"),
        ("2026-01-01", "2026-01-01"),
        ("1.2.3", "1.2.3"),
    ],
)
def test_a_word_is_what_compose_takes_it_for(written: str, told: str) -> None:
    value = of(written).value
    assert isinstance(value, str | int | float)
    assert text(value) == told


@pytest.mark.parametrize("written", ["", "~", "null", "Null"])
def test_nothing_is_nothing(written: str) -> None:
    assert of(written).value is None


def test_what_is_merged_in_is_hidden_by_what_is_there() -> None:
    root = read(
        "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  <<: [*x, *y]\n  a: 9\n", FILE
    ).plain()
    assert root["z"] == {"a": 9, "b": 2, "c": 4}


def test_each_value_knows_its_line() -> None:
    root = read("a:\n  b: 1\n  c:\n    - x\n    - y\n", FILE)
    assert root.at(["a", "b"]).line == 2
    assert root.at(["a", "c"]).line == 3
    assert root.at(["a", "c", 1]).line == 5
    assert root.at(["a", "nothing", "there"]).line == 1


@pytest.mark.parametrize(
    ("written", "line"),
    [("a: 1\nb: 2\na: 3\n", 3), ("a: &a [*a]\n", 1), ("a: 1\n[x]: 2\n", 2), ("a: [\n", 2)],
)
def test_what_compose_could_not_read_is_told_with_its_line(written: str, line: int) -> None:
    with pytest.raises(NotRead) as caught:
        read(written, FILE)
    assert caught.value.finding.problem.line == line
