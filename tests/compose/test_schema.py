"""What is written otherwise than the specification allows is told at its line."""

from pathlib import Path

import pytest

from liferaft.compose import node
from liferaft.compose.schema import complaints


@pytest.mark.parametrize(
    ("web", "key", "reason"),
    [
        ("cap_add: SYS", "cap_add", '"SYS" is not a list'),
        ("command: 3", "command", "3 is not a text or a list"),
        ("cap_add: [1]", "cap_add.0", "1 is not a text"),
        ("healthcheck: {interval: []}", "healthcheck.interval", "a list is not a text"),
        ("healthcheck: []", "healthcheck", "a list is not a map"),
    ],
)
def test_a_complaint_says_what_is_wrong_where(web: str, key: str, reason: str) -> None:
    root = node.read(f"services:\n  web:\n    image: a\n    {web}\n", Path("c.yaml"))
    (found,) = complaints(root)
    assert (found.problem.line, found.problem.key) == (4, f"services.web.{key}")
    assert found.problem.reason == reason
    assert found.problem.valid, "in the specification's own words"


def test_a_file_that_is_in_order_has_none() -> None:
    text = "name: a\nservices: {web: {image: a, ports: ['80:80', {target: 1, published: 2}]}}"
    assert list(complaints(node.read(text, Path("c.yaml")))) == []
