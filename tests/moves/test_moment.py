"""A moment that an operator names: what it means, and what the vault has to have for it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from liferaft.config import Config
from liferaft.data import registry
from liferaft.failures import BadInput, Refused
from liferaft.moves import facts, failover
from liferaft.moves.inputs import FailoverInputs
from liferaft.moves.moment import moment_of, written
from liferaft.plan.plan import Plan
from liferaft.vault import Vault

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
ARCHIVED = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
Before = Callable[[Plan, str], set[str]]


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2026-11-29 09:14", "2026-11-29 09:14:00+00"),
        ("2026-11-29T09:14:31", "2026-11-29 09:14:31+00"),
        ("2026-11-29 09:14Z", "2026-11-29 09:14:00+00"),
        ("2026-11-29 09:14 UTC", "2026-11-29 09:14:00+00"),
        ("2026-11-29 00:14+01:00", "2026-11-28 23:14:00+00"),
        ("2026-11-29 06:14-0530", "2026-11-29 11:44:00+00"),
    ],
)
def test_a_moment_is_in_utc_unless_an_offset_says_otherwise(text: str, means: str) -> None:
    assert written(moment_of(text, NOW)) == means


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2026-11-29", "09:14", "2026-13-01 09:14", "2026-11-29 09:14 CET", "29.11.2026"],
)
def test_what_is_no_moment_is_told_with_an_example(text: str) -> None:
    with pytest.raises(BadInput) as raised:
        moment_of(text, NOW)
    assert "2026-11-29 09:14" in raised.value.facts.do


def test_a_moment_that_is_not_over_is_refused_with_the_time_that_it_is() -> None:
    with pytest.raises(BadInput, match=r"is not over yet: it is 2026-11-29 12:00:00\+00"):
        moment_of("2026-11-29 13:01+01:00", NOW)


@pytest.fixture
def of_the_day(
    config: Config,
    vault: Vault,
    reigns: Callable[[int, str], None],
    has_point: Callable[[int, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str, str | None], FailoverInputs]:
    """East reigns since 14:00 with points at 14:00:10 and 14:30, and an archive until 15:00."""
    reigns(1, "east")
    for name, at in (("20261122T140010Z", "14:00:10"), ("20261122T143000Z", "14:30:00")):
        has_point(1, name)
        key = f"epoch-00000001/points/{name}.json"
        told = json.loads(vault.get(key)) | {"taken_at": f"2026-11-22T{at}+00:00"}
        vault.put(key, json.dumps(told).encode())
    kind = registry.kind("postgres")
    monkeypatch.setattr(type(kind), "archived_until", lambda *_: ARCHIVED)
    now = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)

    def inputs(text: str, point: str | None = None) -> FailoverInputs:
        return facts.for_failover(config, vault, "north", point, moment_of(text, now))

    return inputs


def test_the_newest_point_before_it_is_restored_and_replayed_to_it_before_the_fence(
    config: Config, of_the_day: Callable[..., FailoverInputs], before: Before
) -> None:
    inputs = of_the_day("2026-11-22 14:29")
    assert (inputs.point, inputs.at) == ("20261122T140010Z", "2026-11-22 14:29:00+00")
    assert of_the_day("2026-11-22 14:31").point == "20261122T143000Z"
    plan = failover.plan(config, inputs)
    assert {"restore", "replay"} <= before(plan, "fence")
    assert "replay" in before(plan, "promote")
    (replay,) = (step for step in plan.steps if step.name == "replay")
    assert "2026-11-22 14:29:00+00" in replay.sentence
    assert FailoverInputs.from_json(json.loads(json.dumps(inputs.to_json()))) == inputs


def test_another_moment_is_another_plan_and_none_is_as_it_was(
    config: Config, of_the_day: Callable[..., FailoverInputs]
) -> None:
    one, other = of_the_day("2026-11-22 14:31"), of_the_day("2026-11-22 14:32")
    assert failover.plan(config, one).digest() != failover.plan(config, other).digest()
    assert "until" not in json.dumps(replace(one, at=None, facts={}).to_json())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-22 13:59", "is before this reign"),
        ("2026-11-22 14:00:05", "No recovery point of this reign was taken before"),
        ("2026-11-22 15:01", "is not in the vault: it has until about 2026-11-22 15:00:00"),
    ],
)
def test_a_moment_that_the_vault_cannot_bring_back_is_refused_with_words(
    of_the_day: Callable[..., FailoverInputs], text: str, said: str
) -> None:
    with pytest.raises(Refused) as raised:
        of_the_day(text)
    assert said in raised.value.facts.happened
    assert raised.value.facts.safe == "Nothing was done."


def test_a_point_that_is_named_has_to_be_before_the_moment(
    of_the_day: Callable[..., FailoverInputs],
) -> None:
    with pytest.raises(Refused, match="is not of this reign before"):
        of_the_day("2026-11-22 14:29", "20261122T143000Z")
    assert of_the_day("2026-11-22 14:31", "20261122T140010Z").point == "20261122T140010Z"
