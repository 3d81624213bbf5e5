"""What servers run: an application keeps what it has, and another one is refused unasked."""

from collections.abc import Callable

import pytest
from tests.application import *  # noqa: F403 - what a test asks for by its name

from liferaft.clouds.systems import DEFAULT_SYSTEM, FORMER_SYSTEM, SYSTEMS, System
from liferaft.config import Config
from liferaft.failures import Refused
from liferaft.moves import facts
from liferaft.moves.inputs import DeployInputs
from liferaft.moves.pruning import for_prune
from liferaft.moves.session import MOVES
from liferaft.moves.systems import system_for
from liferaft.plan.inputs import Inputs
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.vault import CheckedVault, EpochChain, EpochRecord

AT = "2026-11-22T14:00:00Z"


def asking(config: Config, system: System | None) -> Config:
    return config.model_copy(update={"app": config.app.model_copy(update={"system": system})})


def reigns_on(vault: CheckedVault, system: str, *, site: str = "east", epoch: int = 1) -> None:
    EpochChain(vault).claim(EpochRecord(epoch, site, f"run-{epoch}", AT, system=system))


def test_a_new_application_has_todays_default_unless_it_asks_for_another(
    config: Config, vault: CheckedVault
) -> None:
    assert facts.for_deploy(config, vault, "east").system == DEFAULT_SYSTEM
    for other in SYSTEMS.values():
        assert facts.for_deploy(asking(config, other), vault, "east").system == other


@pytest.mark.parametrize("asked", [None, "debian-12"])
def test_an_application_that_an_earlier_version_deployed_keeps_debian_12(
    config: Config, vault: CheckedVault, asked: System | None
) -> None:
    former = b'{"at": "%b", "epoch": 1, "nonce": "n", "run": "r", "site": "east"}' % AT.encode()
    vault.put("epoch/00000001", former)
    config = asking(config, asked)
    assert facts.for_deploy(config, vault, "east").system == "debian-12"
    assert facts.for_snapshot(config, vault, "east").system == "debian-12"
    assert facts.for_machine_image(config, vault, "north").system == "debian-12"
    inputs = facts.for_deploy(config, vault, "north")
    assert MOVES["deploy"].plan_for(config, inputs).inputs.system == "debian-12"


def test_a_record_of_debian_12_is_what_earlier_versions_write_and_read() -> None:
    assert b"system" not in EpochRecord(1, "east", "run", AT).to_json()
    later = EpochRecord(1, "east", "run", AT, system="debian-13")
    assert EpochRecord.from_json(later.to_json()) == later


@pytest.mark.parametrize(
    "asked",
    [facts.for_deploy, facts.for_snapshot, facts.for_failover, facts.for_machine_image],
)
@pytest.mark.parametrize(("has", "wants"), [("debian-12", "debian-13"), ("debian-13", "debian-12")])
def test_no_move_takes_an_application_to_another_release_unasked(
    config: Config,
    vault: CheckedVault,
    has_point: Callable[..., None],
    asked: Callable[..., Inputs],
    has: str,
    wants: System,
) -> None:
    reigns_on(vault, has)
    has_point(1, "20261122T140000Z")
    site = "east" if asked is facts.for_snapshot else "north"
    with pytest.raises(Refused, match=r"east reigns on Debian 1\d, and liferaft.toml asks") as told:
        asked(asking(config, wants), vault, site)
    assert f'system = "{has}"' in told.value.facts.do
    assert "docs/releases.md" in told.value.facts.do
    assert told.value.facts.safe == "Nothing was done."


def test_a_point_of_one_release_is_not_restored_to_the_other(
    config: Config, vault: CheckedVault
) -> None:
    """As when the application moved, and nothing was backed up since."""
    reigns_on(vault, "debian-12")
    platform = {"system": "debian 12", "postgresql": "15"}
    part = Part("postgres", "db", 1, AT, 1, {"platform": platform})
    publish(vault, RecoveryPoint("20261122T140000Z", "chirp", 1, "east", AT, (part,)))
    reigns_on(vault, "debian-13", epoch=2)
    with pytest.raises(
        Refused, match="is of Debian 12, and the application runs Debian 13"
    ) as told:
        facts.for_failover(config, vault, "north")
    assert "docs/releases.md" in told.value.facts.do


@pytest.mark.parametrize("asked", [facts.for_schedule, for_prune])
def test_what_is_done_at_the_site_that_reigns_is_done_on_what_it_has(
    config: Config, vault: CheckedVault, asked: Callable[..., Inputs]
) -> None:
    for system in SYSTEMS.values():
        reigns_on(vault, system, epoch=1 if system == FORMER_SYSTEM else 2)
        assert asked(config, vault, "east").system == system


@pytest.mark.parametrize("asked", [facts.for_destroy, facts.for_clear])
def test_what_is_there_can_be_deleted_whatever_the_configuration_asks_for(
    config: Config, vault: CheckedVault, asked: Callable[..., Inputs]
) -> None:
    reigns_on(vault, "debian-12")
    site = "north" if asked is facts.for_clear else "east"
    assert asked(asking(config, "debian-13"), vault, site).system == "debian-12"


@pytest.mark.parametrize(("asked", "has"), [("debian-13", "debian-13"), (None, "debian-12")])
def test_a_destroyed_site_is_deployed_on_another_release_where_that_is_asked_for(
    config: Config, vault: CheckedVault, asked: System | None, has: str
) -> None:
    reigns_on(vault, "debian-12")
    vault.put("epoch-00000001/destroyed.json", b'{"site": "east", "at": "2026-11-22T15:00:00Z"}')
    inputs = facts.for_deploy(asking(config, asked), vault, "east")
    assert (inputs.from_epoch, inputs.system) == (1, has)


def test_a_release_that_only_a_later_version_knows_is_refused(config: Config) -> None:
    later = EpochRecord(1, "east", "run", AT, system="debian-14")
    with pytest.raises(Refused, match="debian-14, which this version does not know"):
        system_for(config, later)


def test_a_run_of_an_earlier_version_goes_on_with_debian_12() -> None:
    told = {"site": "east", "epoch": 1, "reigns": True}
    assert DeployInputs.from_json(told).system == FORMER_SYSTEM
    with pytest.raises(Refused, match="a system of servers that this version knows"):
        DeployInputs.from_json({**told, "system": "debian-14"})


def test_the_plan_installs_what_the_release_has(config: Config) -> None:
    def packages(system: System) -> set[str]:
        inputs = DeployInputs(site="east", epoch=1, reigns=True, system=system)
        plan = MOVES["deploy"].plan_for(config, inputs)
        found = (getattr(step.action, "packages", ()) for step in plan.steps)
        return {name for names in found for name in names}

    assert "postgresql-17" in packages("debian-13")
    assert "postgresql-15" in packages("debian-12")
    assert not packages("debian-12") & {"postgresql-17"}
