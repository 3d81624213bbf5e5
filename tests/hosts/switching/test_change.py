"""The change itself, with real podman and podman-compose."""

from dataclasses import replace
from typing import Any

import pytest
from tests.hosts.services import PATIENCE, SLEEPS, ids, saying

from liferaft.compose.application import Compose
from liferaft.hosts import running
from liferaft.hosts.workload import Workload

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]


async def test_a_change_that_is_asked_for_again_restarts_nothing(container_host: Any) -> None:
    """As after a lost connection."""
    workload = Workload(saying("once"), {})
    await running.bring_up(container_host, workload, seconds=PATIENCE)
    before = await ids(container_host)
    await running.bring_up(container_host, workload, seconds=PATIENCE)
    assert await ids(container_host) == before


async def test_a_command_that_is_not_in_the_image_is_told_at_once(container_host: Any) -> None:
    broken = replace(SLEEPS, command=("/bin/absent",))
    with pytest.raises(running.WorkloadNotRunning, match="web could not be started") as caught:
        await running.bring_up(
            container_host, Workload(Compose({"web": broken}), {}), seconds=10 * PATIENCE
        )
    assert "started again and again" not in caught.value.facts.safe


@pytest.mark.timeout(120)
async def test_nobody_waits_for_a_service_that_cannot_be_started_and_is_started_before(
    container_host: Any,
) -> None:
    services = {
        "cache": replace(SLEEPS, command=("/bin/absent",)),
        "web": replace(SLEEPS, depends_on=("cache",)),
    }
    with pytest.raises(running.WorkloadNotRunning, match=r"cache could not be started\.$"):
        await running.bring_up(
            container_host, Workload(Compose(services), {}), seconds=10 * PATIENCE
        )
    assert (await running.states(container_host))["web"] == "running"
