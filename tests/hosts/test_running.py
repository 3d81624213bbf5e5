"""The workload on a host, with real podman and podman-compose."""

import itertools
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from liferaft.hosts import running
from liferaft.hosts.compose import Compose, Service
from liferaft.hosts.workload import Workload

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]
PATIENCE = 120.0
"""Seconds for what comes to its end by itself, on a busy machine too."""
SLEEPS = Service("localhost/shell:1", command=("/bin/sleep", "1000"), stop_grace_period=0)
COMPOSE = Compose(
    {
        "web": replace(
            SLEEPS,
            command=("/bin/sh", "-c", 'echo "told: $$WORD"; exec /bin/sleep 1000'),
            volumes=("kept:/kept",),
        ),
        "worker": replace(SLEEPS, init=True, depends_on=("web",)),
    }
)
WORD = 'a "quoted" $word'


async def test_a_workload_is_installed_started_changed_and_stopped(container_host: Any) -> None:
    host, workload = container_host, Workload(COMPOSE, {"WORD": WORD})
    assert await running.states(host) == {}
    assert not await running.is_installed(host, workload)
    assert await running.install(host, workload, deadline=PATIENCE)
    assert await running.is_installed(host, workload)
    assert not await running.install(host, workload, deadline=PATIENCE)

    await running.start(host, workload, deadline=PATIENCE)
    assert await running.is_running(host, COMPOSE.services)
    assert await running.states(host) == {"web": "running", "worker": "running"}
    assert f"told: {WORD}" in await running.logs(host)
    before = await host.run(["podman", "ps", "--quiet"])
    await running.start(host, workload, deadline=PATIENCE)
    assert (await host.run(["podman", "ps", "--quiet"])).text == before.text

    changed = Workload(COMPOSE, {"WORD": "another"})
    assert await running.install(host, changed, deadline=PATIENCE)
    assert await running.states(host) == {}
    await running.start(host, changed, deadline=PATIENCE)
    assert "told: another" in await running.logs(host)

    await host.run("podman tag localhost/shell:1 localhost/shell:old; podman rmi localhost/shell:1")
    assert await running.missing_images(host, changed) == ("localhost/shell:1",)
    assert not await running.is_running(host, COMPOSE.services)

    await running.stop(host, deadline=PATIENCE)
    await running.stop(host, deadline=PATIENCE)
    assert await running.states(host) == {}


async def test_what_services_are_told_reaches_them_as_written_and_no_command_line_or_journal(
    container_host: Any,
) -> None:
    told = {
        "PASSWORD": "hush-hush",
        "PRICE": "5$$ and $$$$ and $${X}",
        "HASH": "a#b 'c' \"d\"",
        "EMPTY": "",
        "EQ": "a=b=c",
        "UNI": "Zürich ☃",
        "TRAIL": "x ",
        "LIFERAFT_SITE": "nowhere",
    }
    prints = "; ".join(f'echo "{name}<${{{name}}}>"'.replace("$", "$$") for name in told)
    service = replace(
        SLEEPS,
        command=("/bin/sh", "-c", f"{prints}; exec /bin/sleep 1000"),
        environment=tuple(told.items()),
    )
    workload = Workload(Compose({"web": service}), {"LIFERAFT_SITE": "here"})
    await running.install(container_host, workload, deadline=PATIENCE)
    await running.start(container_host, workload, deadline=PATIENCE)

    said = (await container_host.run(["podman", "logs", "app_web_1"])).stdout.decode()
    meant = {name: value.replace("$$", "$") for name, value in told.items()}
    meant["LIFERAFT_SITE"] = "here"
    assert said.splitlines() == [f"{name}<{value}>" for name, value in meant.items()]
    created = "{{.Config.CreateCommand}}"
    argv = await container_host.run(["podman", "inspect", "--format", created, "app_web_1"])
    journal = (await container_host.get("/run/unit.log")).decode()
    for seen in (argv.text, journal):
        assert "--env-file" in seen
        assert "hush-hush" not in seen


async def test_without_its_image_nothing_is_started(container_host: Any) -> None:
    absent = Compose({"web": replace(SLEEPS, image="localhost/absent:1")})
    workload = Workload(absent, {})
    await running.install(container_host, workload, deadline=PATIENCE)
    with pytest.raises(running.ImageMissing, match="localhost/absent:1"):
        await running.start(container_host, workload, deadline=PATIENCE)
    assert await running.states(container_host) == {}


async def test_a_container_that_cannot_start_is_told_with_its_state(
    container_host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = replace(SLEEPS, command=("/bin/absent",))
    workload = Workload(Compose({"web": broken}), {})
    await running.install(container_host, workload, deadline=PATIENCE)
    half_of_it_for_each_look = itertools.count(0.0, PATIENCE / 2).__next__
    monkeypatch.setattr(running, "time", SimpleNamespace(monotonic=half_of_it_for_each_look))
    with pytest.raises(running.WorkloadNotRunning) as caught:
        await running.start(container_host, workload, deadline=PATIENCE)
    assert caught.value.facts.details["states"] == "{'web': 'created'}"
    assert "== app_web_1" in caught.value.facts.details["logs"]


async def test_a_container_that_podman_refuses_is_told_at_once(container_host: Any) -> None:
    await container_host.run(["rm", "/usr/libexec/podman/catatonit"])
    workload = Workload(Compose({"web": SLEEPS, "worker": replace(SLEEPS, init=True)}), {})
    await running.install(container_host, workload, deadline=PATIENCE)
    with pytest.raises(running.ContainerMissing, match="no container for worker"):
        await running.start(container_host, workload, deadline=PATIENCE)
