"""Which unfinished run is gone on with, which is begun anew, and what is said of the one before."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.moves.marks import begun
from tests.moves.planned import FAILOVER

from liferaft.config import Config
from liferaft.data.postgres.timeline import keep_timeline
from liferaft.failures import Refused
from liferaft.moves import facts
from liferaft.moves.account import Account
from liferaft.moves.inputs import DeployInputs, FailoverInputs
from liferaft.moves.session import prepare
from liferaft.site.world import World
from liferaft.vault import Vault

Reigns = Callable[[int, str], None]
HasPoint = Callable[[int, str], None]
Configured = Callable[..., Config]
MORE_SERVERS = ('runs = ["web"]', 'runs = ["web"]\ncount = 2')


@pytest.fixture
def failover_inputs(reigns: Reigns, has_point: HasPoint) -> FailoverInputs:
    reigns(1, "east")
    has_point(1, "20261122T140000Z")
    return FAILOVER


async def test_an_unfinished_failover_goes_on_with_the_facts_that_it_began_with(
    config: Config,
    vault: Vault,
    tmp_path: Path,
    failover_inputs: FailoverInputs,
    has_point: HasPoint,
) -> None:
    journal = await begun(vault, tmp_path, config, "failover", failover_inputs)
    has_point(1, "20261122T150000Z")
    prepared = prepare("failover", "north", config, vault)
    assert prepared.resumes is not None
    assert prepared.resumes.name == journal.name
    assert prepared.plan.inputs.to_json()["point"] == "20261122T140000Z"


async def test_an_unfinished_failover_goes_on_after_its_fence(
    config: Config,
    vault: Vault,
    tmp_path: Path,
    failover_inputs: FailoverInputs,
    reigns: Reigns,
) -> None:
    await begun(vault, tmp_path, config, "failover", failover_inputs)
    reigns(2, "north")
    assert prepare("failover", "north", config, vault).resumes is not None


async def test_a_failover_whose_configuration_is_corrected_before_its_fence_begins_anew(
    config: Config,
    vault: Vault,
    tmp_path: Path,
    failover_inputs: FailoverInputs,
    configured: Configured,
) -> None:
    await begun(vault, tmp_path, config, "failover", failover_inputs)
    assert prepare("failover", "north", configured(MORE_SERVERS), vault).resumes is None


async def test_a_failover_that_would_be_planned_otherwise_is_refused_after_its_fence(
    vault: Vault,
    tmp_path: Path,
    failover_inputs: FailoverInputs,
    configured: Configured,
    reigns: Reigns,
) -> None:
    await begun(vault, tmp_path, configured(), "failover", failover_inputs)
    reigns(2, "north")
    with pytest.raises(Refused, match="planned differently") as caught:
        prepare("failover", "north", configured(MORE_SERVERS), vault)
    assert "configuration" in caught.value.facts.do


async def test_a_deploy_whose_configuration_changed_begins_anew(
    config: Config, vault: Vault, tmp_path: Path, configured: Configured
) -> None:
    inputs = DeployInputs(site="east", epoch=1, reigns=True)
    await begun(vault, tmp_path, config, "deploy", inputs)
    assert prepare("deploy", "east", config, vault).resumes is not None
    prepared = prepare("deploy", "east", configured(MORE_SERVERS), vault)
    assert prepared.resumes is None
    assert "workload-app-2" in {step.name for step in prepared.plan.steps}


async def test_a_finished_run_is_not_gone_on_with(
    config: Config, vault: Vault, tmp_path: Path, reigns: Reigns
) -> None:
    reigns(1, "east")
    inputs = DeployInputs(site="east", epoch=1, reigns=True)
    journal = await begun(vault, tmp_path, config, "deploy", inputs)
    await journal.finish()
    assert prepare("deploy", "east", config, vault).resumes is None


async def test_a_run_of_a_reign_that_is_over_is_not_gone_on_with(
    config: Config, vault: Vault, tmp_path: Path, reigns: Reigns
) -> None:
    reigns(1, "east")
    inputs = DeployInputs(site="east", epoch=1, reigns=True)
    await begun(vault, tmp_path, config, "deploy", inputs)
    reigns(2, "north")
    prepared = prepare("deploy", "east", config, vault)
    assert prepared.resumes is None
    assert prepared.plan.inputs == DeployInputs(site="east", epoch=2, reigns=False)


async def test_a_failover_whose_epoch_another_site_took_is_planned_anew(
    config: Config,
    vault: Vault,
    tmp_path: Path,
    failover_inputs: FailoverInputs,
    reigns: Reigns,
    world: World,
) -> None:
    await begun(vault, tmp_path, config, "failover", failover_inputs)
    reigns(2, "east")
    await keep_timeline(world.site.vault, 2, 2)
    prepared = prepare("failover", "north", config, vault)
    assert prepared.resumes is None
    assert prepared.plan.epoch == 3


async def test_another_point_begins_a_failover_anew_until_its_fence_and_not_after(
    config: Config, vault: Vault, reigns: Reigns, has_point: HasPoint, tmp_path: Path
) -> None:
    reigns(1, "east")
    for name in ("20261122T140000Z", "20261122T150000Z"):
        has_point(1, name)
    await begun(vault, tmp_path, config, "failover", facts.for_failover(config, vault, "north"))
    older, newer = "20261122T140000Z", "20261122T150000Z"
    assert prepare("failover", "north", config, vault, point=older).resumes is None
    assert prepare("failover", "north", config, vault, point=newer).resumes is not None
    reigns(2, "north")
    with pytest.raises(Refused, match="unfinished"):
        prepare("failover", "north", config, vault, point=older)


async def left_by_a_failover(
    vault: Vault, folder: Path, config: Config, inputs: FailoverInputs
) -> None:
    """An unfinished failover that has led users to its site."""
    journal = await begun(vault, folder, config, "failover", inputs)
    for kind in ("step-started", "step-done"):
        await journal.event(kind, step="dns-one")


async def test_what_is_refused_while_planning_says_what_the_unfinished_run_has_moved(
    config: Config,
    configured: Configured,
    vault: Vault,
    tmp_path: Path,
    failover_inputs: FailoverInputs,
) -> None:
    await left_by_a_failover(vault, tmp_path, config, failover_inputs)
    for key in vault.list("epoch-00000001/points"):
        vault.delete(key)
    with pytest.raises(Refused, match="holds no recovery point") as refused:
        prepare("failover", "north", configured(MORE_SERVERS), vault)
    safe = refused.value.facts.safe
    assert "vendor one leads users of www.chirp.test to north" in safe
    assert "east reigns, epoch 1" in safe
    assert "Nothing was done" not in safe


async def test_a_run_that_takes_the_place_of_an_unfinished_one_says_what_that_may_have_moved(
    config: Config,
    configured: Configured,
    vault: Vault,
    tmp_path: Path,
    failover_inputs: FailoverInputs,
) -> None:
    await left_by_a_failover(vault, tmp_path, config, failover_inputs)
    prepared = prepare("failover", "north", configured(MORE_SERVERS), vault)
    assert prepared.resumes is None
    account = Account.of_another(prepared.left)
    safe = account.safe(prepared.plan, "secrets", "Nothing was changed.")
    assert "perhaps true by now: vendor one leads users of www.chirp.test to north" in safe
    assert "Nothing was changed" not in safe
