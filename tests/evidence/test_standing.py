"""Where the application stands, read from the vault alone."""

from collections.abc import Callable
from typing import Any

from liferaft.data.contract import Part
from liferaft.evidence.standing import Standing, standing
from liferaft.journal import RunName
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.vault import Vault

Reigns = Callable[[int, str], None]
Written = Callable[..., RunName]
SINCE = "2026-11-22T14:00:00Z"


def test_before_the_first_deploy_nothing_stands(vault: Vault) -> None:
    assert standing(vault) == Standing(None, None, None, None, None, ())


def test_a_first_deploy_that_was_killed_is_told(vault: Vault, journal: Written) -> None:
    name = journal([], epoch=1, move="deploy", site="east")
    assert standing(vault) == Standing(None, None, None, None, None, (str(name),))


def test_who_reigns_since_when_and_from_what_it_could_come_back(
    vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    assert standing(vault) == Standing(1, "east", SINCE, None, None, ())
    part = Part("postgres", "db", 1, SINCE, 1)
    publish(vault, RecoveryPoint("20261122T140000Z", "chirp", 1, "east", SINCE, {}, (part,)))
    assert standing(vault).newest_point == "20261122T140000Z"


def test_a_failover_is_unfinished_before_and_after_its_fence(
    vault: Vault, reigns: Reigns, journal: Written
) -> None:
    reigns(1, "east")
    name = journal([], epoch=2)
    assert standing(vault).unfinished == (str(name),)
    reigns(2, "north")
    assert standing(vault).unfinished == (str(name),)


def test_a_finished_run_and_a_superseded_one_are_no_business_any_more(
    vault: Vault, reigns: Reigns, journal: Written
) -> None:
    ended: list[tuple[float, str, dict[str, Any]]] = [(1.0, "run-finished", {})]
    reigns(1, "east")
    journal([], run="t1", epoch=2, site="west")
    reigns(2, "north")
    journal(ended, run="t2", epoch=2, site="north")
    assert standing(vault).unfinished == ()
