"""`liferaft drill`: what is wrong with it is said before anything is made."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liferaft.doctor import examination
from liferaft.doctor.check import Check, CheckSeverity, Diagnosis

Liferaft = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("east_reigns")


@pytest.fixture
def well(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor finds nothing."""
    said = (Diagnosis(CheckSeverity.OK, "So it is."),)
    check = Check("vault", "vault main", "Is it well?", "It matters.", lambda: said)
    monkeypatch.setattr(examination, "FAMILIES", (lambda _: [check],))


def left_behind(folder: Path) -> list[Path]:
    """What the engine would keep of a drill."""
    return list((folder / "state").glob("liferaft/drills/*"))


@pytest.mark.parametrize("name", ["mars", "hetzner"])
def test_a_vendor_that_cannot_be_denied_is_bad_input_and_told_with_those_that_can(
    liferaft: Liferaft, name: str
) -> None:
    ran = liferaft("drill", "north", "--deny", name)
    assert ran.code == 3
    assert name in ran.err
    assert "main, one, aws, ca, mirror, registry" in ran.err


@pytest.mark.parametrize("place", ["east", "mars", "ssh"])
def test_two_sites_or_one_that_is_not_there_are_bad_input(liferaft: Liferaft, place: str) -> None:
    ran = liferaft("drill", "north", "--at", place)
    assert ran.code == 3
    assert "Nothing was done." in ran.err


def test_without_any_vault_the_drill_fails_as_a_failover_would(
    liferaft: Liferaft, folder: Path
) -> None:
    ran = liferaft("drill", "--at", "hetzner", "--deny", "main", "--yes")
    assert ran.code == 9, ran.err
    assert "A failover to north without main would not have worked, nor even begun" in ran.err
    assert "Vault main" in ran.err
    assert "denied to this drill" in ran.err
    assert "Nothing was made. The application was not touched." in ran.err
    assert not left_behind(folder)


@pytest.mark.parametrize(
    "words",
    [
        ("--surprise", "--deny", "main"),
        ("--surprise", "--plan"),
        ("--seed", "7"),
        ("--surprise", "--seed", "-1"),
    ],
)
def test_options_that_do_not_fit_are_wrong_usage(
    liferaft: Liferaft, words: tuple[str, ...]
) -> None:
    assert liferaft("drill", "north", *words).code == 2


@pytest.mark.usefixtures("well")
def test_a_plan_is_asked_for_with_what_the_doctor_asks_and_says_why_there_is_none(
    liferaft: Liferaft, folder: Path
) -> None:
    """This application has no recovery point yet."""
    ran = liferaft("drill", "--plan", "north")
    assert ran.code == 11
    assert "OK        vault main: So it is." in ran.out
    assert "No drill of north: " in ran.err
    told = json.loads(liferaft("drill", "--plan", "--json").out)
    assert (told["severity"], told["standbys"]) == ("ok", ["north"])
    (drill,) = told["drills"]
    assert drill["site"] == "north"
    assert "recovery point" in drill["trouble"]
    assert not left_behind(folder)


@pytest.mark.usefixtures("well")
def test_a_plan_for_a_site_that_is_not_there_is_bad_input(liferaft: Liferaft) -> None:
    assert liferaft("drill", "--plan", "mars").code == 3
