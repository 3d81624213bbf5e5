"""The order of a change, with real podman and podman-compose: what happens to what ran before."""

import re
from dataclasses import replace
from typing import Any

import pytest
from tests.hosts.conftest import SHELL_IMAGE
from tests.hosts.services import PATIENCE, crashing, ids, logs, saying

from liferaft.compose.application import Compose
from liferaft.hosts import running
from liferaft.hosts.workload import Workload

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]


async def test_if_the_new_do_not_stay_up_the_old_run_again_from_the_image_that_they_ran_from(
    container_host: Any,
) -> None:
    service = replace(saying("old").services["web"], environment=(("TOKEN", "rust-rust"),))
    told = {"LIFERAFT_EPOCH": "1", "KEY": "mush-mush"}
    host, old = container_host, Workload(Compose({"web": service}), told)
    await running.bring_up(host, old, seconds=PATIENCE)
    content = (await host.run(["podman", "inspect", "--format", "{{.Image}}", "app_web_1"])).text
    await host.run(SHELL_IMAGE)  # the same name, another content: what a release does to `latest`
    says = "dying of hush-hush, mush-mush, rust-rust"  # what is told now, and what was
    new = Workload(crashing(says), {"LIFERAFT_EPOCH": "1", "KEY": "hush-hush"})
    await host.run(["mkdir", "/run/page"])
    with pytest.raises(running.WorkloadNotRunning) as caught:
        await running.bring_up(host, new, seconds=PATIENCE, sign="/run/page/starting.now")
    assert not (await host.run(["ls", "/run/page"])).text  # what is back does not start any more
    facts = caught.value.facts
    assert re.search(r"web was started \d+ times and ended each time", facts.happened)
    assert "== app_web_1\ndying of [KEY], [KEY], [TOKEN]\n" in facts.details["logs"]
    assert facts.safe.startswith("What ran on the server before runs again")
    assert await running.states(host) == {"web": "running"}
    assert await logs(host, "app_web_1") == "old\n"
    again = (await host.run(["podman", "inspect", "--format", "{{.Image}}", "app_web_1"])).text
    assert again == content
    # What was asked for is not what runs: the next deploy does not find that all holds.
    assert not await running.is_installed(host, new)
    assert not await running.is_installed(host, old)


async def test_on_a_server_without_room_nothing_is_stopped(container_host: Any) -> None:
    host = container_host
    await running.bring_up(host, Workload(saying("old"), {}), seconds=PATIENCE)
    before = await ids(host)
    unit = "/etc/systemd/system/.liferaft-workload.service"
    await host.run(f"touch {unit}; mount --bind /dev/full {unit}")
    with pytest.raises(running.WorkloadNotRunning, match="No space left") as caught:
        await running.bring_up(host, Workload(saying("new"), {}), seconds=PATIENCE)
    assert await ids(host) == before
    assert caught.value.facts.safe == "Nothing was stopped on the server: what ran there runs on."


async def test_containers_of_another_epoch_are_not_brought_back(container_host: Any) -> None:
    host = container_host
    old = Workload(saying("old"), {"LIFERAFT_EPOCH": "1"})
    await running.bring_up(host, old, seconds=PATIENCE)
    new = Workload(crashing("new"), {"LIFERAFT_EPOCH": "2"})
    with pytest.raises(running.WorkloadNotRunning) as caught:
        await running.bring_up(host, new, seconds=PATIENCE)
    assert "another epoch" in caught.value.facts.safe
    assert "old" not in await logs(host, "app_web_1")
