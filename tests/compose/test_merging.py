"""One Compose file over another means what Docker Compose 2.40.3 makes of the two."""

from pathlib import Path
from typing import Any

import pytest

from liferaft.compose import node
from liferaft.compose.merging import merge


def merged(former: str, later: str) -> Any:
    one, two = (
        node.read(f"services: {{web: {text}}}", Path(name))
        for name, text in (("a.yaml", former), ("b.yaml", later))
    )
    return merge(one, two).plain()["services"]["web"]


@pytest.mark.parametrize(
    ("former", "later", "both"),
    [
        ("{image: a, init: true}", "{image: b}", {"image": "b", "init": True}),
        ("{command: [a, b]}", "{command: [c]}", {"command": ["c"]}),
        ("{entrypoint: [a, b]}", "{entrypoint: [c]}", {"entrypoint": ["c"]}),
        ("{healthcheck: {test: [CMD, a], retries: 3}}", "{healthcheck: {test: [CMD, b]}}",
         {"healthcheck": {"test": ["CMD", "b"], "retries": 3}}),
        ("{environment: [A=1, B=2]}", "{environment: {B: x, C: y}}",
         {"environment": {"A": "1", "B": "x", "C": "y"}}),
        ("{ports: ['80:80']}", "{ports: ['81:81', '80:80']}", {"ports": ["80:80", "81:81"]}),
        ("{volumes: ['a:/x', 'b:/y']}", "{volumes: ['c:/x']}", {"volumes": ["c:/x", "b:/y"]}),
        ("{depends_on: [a]}", "{depends_on: {b: {condition: service_healthy}}}",
         {"depends_on": {"a": None, "b": {"condition": "service_healthy"}}}),
        ("{dns: 1.1.1.1}", "{dns: [8.8.8.8]}", {"dns": ["1.1.1.1", "8.8.8.8"]}),
        ("{cap_add: [A]}", "{cap_add: [A, B]}", {"cap_add": ["A", "B"]}),
        ("{ports: ['80:80'], image: a}", "{ports: !reset []}", {"image": "a"}),
        ("{ports: ['80:80']}", "{ports: !override ['81:81']}", {"ports": ["81:81"]}),
        ("{environment: {A: x, B: y}}", "{environment: {A: !reset null}}",
         {"environment": {"B": "y"}}),
        ("{logging: {driver: a, options: {x: y}}}", "{logging: {driver: b}}",
         {"logging": {"driver": "b"}}),
    ],
)  # fmt: skip
def test_a_file_over_another(former: str, later: str, both: dict[str, Any]) -> None:
    assert merged(former, later) == both


def test_what_was_said_later_is_told_with_its_own_file_and_line() -> None:
    one = node.read("services:\n  web:\n    image: a\n", Path("a.yaml"))
    two = node.read("services:\n  web:\n\n    image: b\n", Path("b.yaml"))
    image = merge(one, two).at(["services", "web", "image"])
    assert (image.value, image.file.name, image.line) == ("b", "b.yaml", 4)
