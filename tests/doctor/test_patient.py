"""Whom the doctor examines: who reigns is asked of the vaults, and which sites are asked about."""

from collections.abc import Callable

import pytest

from liferaft.doctor.patient import Patient
from liferaft.failures import BadInput

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
