"""How far places are apart: measured by clients inside them."""

import json
import subprocess
import sys
from statistics import median
from typing import Any

import pytest

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]
ROUND_TRIP = 80.0
TOLERATED = 5.0
"""Milliseconds, on a machine that has other things to do."""


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    alone = ("unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", sys.executable)
    program = ("-m", "tests.sandbox.lab.far_apart", str(ROUND_TRIP / 1000))
    said = subprocess.run([*alone, *program], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    found: dict[str, Any] = json.loads(said.stdout)
    return found


@pytest.mark.parametrize("sort", ["far", "far_datagrams"])
def test_every_protocol_takes_the_round_trip_between_two_places(
    seen: dict[str, Any], sort: str
) -> None:
    assert min(seen[sort]) >= ROUND_TRIP
    assert median(seen[sort]) < ROUND_TRIP + TOLERATED


@pytest.mark.parametrize("sort", ["near", "router"])
def test_nothing_is_held_inside_a_place_nor_by_the_sandboxs_own_probes(
    seen: dict[str, Any], sort: str
) -> None:
    assert median(seen[sort]) < TOLERATED


def test_a_far_place_is_on_a_fast_line_and_the_holder_takes_little_of_a_processor(
    seen: dict[str, Any],
) -> None:
    assert seen["much"]["bytes"] / seen["much"]["seconds"] > 10_000_000
    assert seen["processor"] < seen["much"]["seconds"] / 2


def test_a_packet_that_comes_by_twice_is_counted_once(seen: dict[str, Any]) -> None:
    assert "packets 1 " in seen["counted"]


def test_nothing_gets_through_when_nobody_holds_the_packets(seen: dict[str, Any]) -> None:
    assert seen["alone"] != 0
