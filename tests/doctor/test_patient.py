"""Whom the doctor examines: who reigns is asked of the vaults, and which sites are asked about."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import pytest

from liferaft.doctor import patient as patient_room
from liferaft.doctor.patient import Patient
from liferaft.failures import BadInput
from liferaft.vault import CheckedVault, VaultUnavailable

Called = Callable[..., Patient]
Reigns = Callable[[int, str], None]


def test_before_the_first_deploy_the_declared_primary_is_home(patient: Called) -> None:
    it = patient()
    assert (it.current, it.trouble) == (None, None)
    assert (it.home, it.standbys, it.sites) == ("east", ("north",), ("east", "north"))


def test_after_a_failover_the_former_primary_is_a_standby(patient: Called, reigns: Reigns) -> None:
    reigns(1, "east")
    reigns(2, "north")
    it = patient()
    assert (it.home, it.standbys) == ("north", ("east",))


def test_a_site_that_the_configuration_has_no_more_is_nobodys_home(
    patient: Called, reigns: Reigns
) -> None:
    reigns(1, "taken-out")
    it = patient()
    assert it.home is None
    assert it.standbys == ("east", "north")


def test_a_site_that_is_not_declared_is_refused(patient: Called) -> None:
    with pytest.raises(BadInput, match="names no site nowhere"):
        patient(site="nowhere")


def test_a_vault_that_says_nothing_at_all_does_not_hold_up_the_first_question(
    patient: Called, vault: CheckedVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(*_: object) -> None:
        time.sleep(30)

    monkeypatch.setattr(type(vault), "list", hang)
    monkeypatch.setattr(patient_room, "LOOK_SECONDS", 0.2)
    began = time.monotonic()
    it = patient()
    assert time.monotonic() - began < 10
    assert it.trouble is not None
    assert "asking who reigns: no answer within" in it.trouble.facts.happened
    assert it.home == "east"


def test_vaults_are_looked_through_once_for_all_questions_whatever_comes_of_it(
    patient: Called, reigns: Reigns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each vendor's outage is reckoned by that, and a slow vault must not be asked by each."""
    reigns(1, "east")
    asked = []

    def slow(*_: object) -> NoReturn:
        asked.append("once")
        time.sleep(0.2)
        raise VaultUnavailable("main", "listing epochs", "timed out")

    monkeypatch.setattr(patient_room, "standing", slow)
    it = patient()

    def look(_: int) -> str:
        with pytest.raises(VaultUnavailable) as failed:
            assert it.watched
        return failed.value.facts.happened

    with ThreadPoolExecutor() as pool:
        told = set(pool.map(look, range(5)))
    assert told == {"Vault main: listing epochs: timed out"}
    assert asked == ["once"]
