"""What podman would refuse is tried before anything is stopped."""

from dataclasses import replace
from typing import Any

import pytest
from tests.hosts.services import PATIENCE, SLEEPS, ids, saying

from liferaft.compose.application import Compose
from liferaft.compose.service import Mount, MountKind
from liferaft.hosts import running
from liferaft.hosts.workload import Workload

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]


async def test_what_podman_would_refuse_stops_nothing_that_runs(container_host: Any) -> None:
    await running.bring_up(container_host, Workload(saying("old"), {}), seconds=PATIENCE)
    before = await ids(container_host)
    left = "podman create --name liferaft-trial_worker_1 --label io.podman.compose.project="
    left += "liferaft-trial --label com.docker.compose.service=worker localhost/shell:1 /bin/true"
    await container_host.run(left)  # of a trial that was killed
    # podman of Debian 12 looks for it at the first of these alone.
    await container_host.run(["rm", "/usr/libexec/podman/catatonit", "/usr/bin/catatonit"])
    kept = (Mount(MountKind.VOLUME, "v", "/v"),)
    services = {"web": replace(SLEEPS, volumes=kept), "worker": replace(SLEEPS, init=True)}
    with pytest.raises(running.ContainerMissing, match="no container for worker") as caught:
        await running.bring_up(container_host, Workload(Compose(services), {}), seconds=PATIENCE)
    assert await ids(container_host) == before
    assert "catatonit" in caught.value.facts.details["logs"]
    left = "podman ps --all --quiet; podman volume ls --quiet; ls /srv/liferaft"
    assert len((await container_host.run(left)).text.split()) == len(["web", "app", "app.lock"])
    networks = await container_host.run(["podman", "network", "ls", "--format", "{{.Name}}"])
    assert "trial" not in networks.text
