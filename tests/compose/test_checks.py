"""What services of a Compose file say about each other, and about what else is on their server."""

from pathlib import Path

import pytest

from liferaft.compose.application import parse
from liferaft.compose.findings import ComposeInvalid
from liferaft.config.problems import Problem


def refused(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ComposeInvalid) as caught:
        parse(text, Path("compose.yaml"))
    return caught.value.problems


def test_ports_that_only_look_alike_are_accepted() -> None:
    ports = ["53:53/udp", "53:53/tcp", "127.0.0.1:8080:80", "127.0.0.2:8080:81"]
    text = f"services: {{web: {{image: a, ports: {ports}}}}}"
    assert parse(text, Path("compose.yaml")).services["web"].ports == (
        "53:53/udp",
        "53:53",
        "127.0.0.1:8080:80",
        "127.0.0.2:8080:81",
    )


def test_services_that_wait_for_each_other_are_told_once() -> None:
    rows = "".join(
        f"  {name}:\n    image: a:1\n    depends_on: [{after}]\n"
        for name, after in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"))
    )
    (problem,) = refused(f"services:\n{rows}")
    assert problem.reason == "they wait for each other: a → b → c → a"


def test_each_circle_of_services_is_told_and_a_long_way_to_one_too() -> None:
    after = {"s0": "s1", "s1": "a", "a": "b", "b": "a", "c": "d", "d": "c"}
    chain = {f"n{number}": f"n{number + 1}" for number in range(900)} | {"n900": "n0"}
    rows = "".join(
        f"  {name}: {{image: 'a:1', depends_on: [{other}]}}\n"
        for name, other in (after | chain).items()
    )
    found = refused(f"services:\n{rows}")
    circles = [problem.reason.partition(": ")[2].split(" → ") for problem in found]
    assert circles[:2] == [["a", "b", "a"], ["c", "d", "c"]]
    assert len(circles[2]) == len(chain) + 1
