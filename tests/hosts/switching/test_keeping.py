"""What ran before is kept, to go back to."""

from typing import Any

import pytest
from tests.hosts.services import PATIENCE, SLEEPS, crashing, logs, saying

from liferaft.compose.application import Compose
from liferaft.hosts import running
from liferaft.hosts.workload import Workload

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]


async def test_of_a_change_that_was_killed_half_way_the_old_are_remembered(
    container_host: Any,
) -> None:
    host = container_host
    await running.bring_up(host, Workload(saying("old"), {}), seconds=PATIENCE)
    await host.run("cp -a /srv/liferaft/app /srv/liferaft/app.before; podman rm --force --all")
    with pytest.raises(running.WorkloadNotRunning, match="web") as caught:
        await running.bring_up(host, Workload(crashing("new"), {}), seconds=PATIENCE)
    assert "runs again" in caught.value.facts.safe
    assert await logs(host, "app_web_1") == "old\n"


async def test_a_service_that_ran_well_is_back_though_another_one_never_did(
    container_host: Any,
) -> None:
    host, both = container_host, {**saying("old").services, "worker": SLEEPS}
    await running.bring_up(host, Workload(Compose(both), {}), seconds=PATIENCE)
    await host.run("podman kill app_worker_1; podman rm --force app_worker_1")
    with pytest.raises(running.WorkloadNotRunning) as caught:
        await running.bring_up(host, Workload(crashing("new"), {}), seconds=PATIENCE)
    assert "runs again" in caught.value.facts.safe
    assert await running.states(host) == {"web": "running", "worker": "running"}
