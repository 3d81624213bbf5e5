"""The workload on a host, with real podman and podman-compose."""

import re
from dataclasses import replace
from typing import Any

import pytest
from tests.hosts.conftest import SHELL_IMAGE

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


async def logs(host: Any, name: str) -> str:
    said = await host.run(["podman", "logs", name])
    return str(said.stdout.decode())


def saying(word: str) -> Compose:
    """A service that says a word and stays."""
    script = f"echo {word}; exec /bin/sleep 1000"
    return Compose({"web": replace(SLEEPS, command=("/bin/sh", "-c", script))})


def crashing(word: str) -> Compose:
    """A service that says a word and ends, again and again."""
    return Compose({"web": replace(SLEEPS, command=("/bin/sh", "-c", f"echo {word}; exit 3"))})


async def ids(host: Any) -> str:
    return str((await host.run("podman ps --quiet --no-trunc | sort")).text)


async def test_a_workload_is_brought_up_and_changed(container_host: Any) -> None:
    host, workload = container_host, Workload(COMPOSE, {"WORD": WORD})
    assert await running.states(host) == {}
    assert not await running.is_installed(host, workload)
    await host.run(["mkdir", "/run/page"])
    await running.bring_up(host, workload, seconds=PATIENCE, sign="/run/page/starting.now")
    assert await host.get("/run/page/starting.now") == b""  # until somebody sees the app well
    assert await running.is_installed(host, workload)
    assert await running.is_running(host, COMPOSE.services)
    assert await running.states(host) == {"web": "running", "worker": "running"}
    assert f"told: {WORD}" in await logs(host, "app_web_1")
    assert (await host.run("ls -d /srv/liferaft/*")).text.split() == [
        "/srv/liferaft/app",
        "/srv/liferaft/app.lock",
    ]

    before = await ids(host)
    await running.bring_up(host, workload, seconds=PATIENCE)  # as after a lost connection
    assert await ids(host) == before

    changed = Workload(replace(COMPOSE, services={"web": COMPOSE.services["web"]}), {"WORD": "x"})
    await running.bring_up(host, changed, seconds=PATIENCE)
    assert await running.states(host) == {"web": "running"}
    assert "told: x" in await logs(host, "app_web_1")

    await host.run("podman tag localhost/shell:1 localhost/shell:old; podman rmi localhost/shell:1")
    assert await running.missing_images(host, changed) == ("localhost/shell:1",)
    assert not await running.is_running(host, changed.compose.services)


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
    await running.bring_up(container_host, workload, seconds=PATIENCE)

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


async def test_a_wrong_tag_stops_nothing_that_runs(container_host: Any) -> None:
    await running.bring_up(container_host, Workload(saying("old"), {}), seconds=PATIENCE)
    before = await ids(container_host)
    absent = Compose({"web": replace(SLEEPS, image="localhost/absent:1")})
    with pytest.raises(running.ImageMissing, match="localhost/absent:1") as caught:
        await running.bring_up(container_host, Workload(absent, {}), seconds=PATIENCE)
    assert await ids(container_host) == before
    assert await running.is_installed(container_host, Workload(saying("old"), {}))
    assert caught.value.facts.safe == "Nothing was stopped on the server: what ran there runs on."


async def test_what_podman_would_refuse_stops_nothing_that_runs(container_host: Any) -> None:
    await running.bring_up(container_host, Workload(saying("old"), {}), seconds=PATIENCE)
    before = await ids(container_host)
    left = "podman create --name liferaft-trial_worker_1 --label io.podman.compose.project="
    left += "liferaft-trial --label com.docker.compose.service=worker localhost/shell:1 /bin/true"
    await container_host.run(left)  # of a trial that was killed
    await container_host.run(["rm", "/usr/libexec/podman/catatonit"])
    services = {"web": replace(SLEEPS, volumes=("v:/v",)), "worker": replace(SLEEPS, init=True)}
    with pytest.raises(running.ContainerMissing, match="no container for worker") as caught:
        await running.bring_up(container_host, Workload(Compose(services), {}), seconds=PATIENCE)
    assert await ids(container_host) == before
    assert "catatonit" in caught.value.facts.details["logs"]
    left = "podman ps --all --quiet; podman volume ls --quiet; ls /srv/liferaft"
    assert len((await container_host.run(left)).text.split()) == len(["web", "app", "app.lock"])
    networks = await container_host.run(["podman", "network", "ls", "--format", "{{.Name}}"])
    assert "trial" not in networks.text


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


async def test_a_container_that_ends_again_and_again_does_not_run_though_it_is_seen_running(
    container_host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "STAYS_SECONDS", 0.0)
    ends = replace(SLEEPS, command=("/bin/sh", "-c", "/bin/sleep 4; exit 1"))
    workload = Workload(Compose({"web": ends}), {})
    await running.bring_up(container_host, workload, seconds=PATIENCE)
    look = "podman inspect --format '{{.RestartCount}}' app_web_1 | grep -v '^0$'"
    await container_host.wait(look, until="a restart", deadline=PATIENCE)
    assert not await running.is_running(container_host, workload.compose.services)
    (restless,) = await running.restless(container_host)
    assert restless.startswith("web was started")


async def test_a_command_that_is_not_in_the_image_is_told_at_once(container_host: Any) -> None:
    broken = replace(SLEEPS, command=("/bin/absent",))
    with pytest.raises(running.WorkloadNotRunning, match="web could not be started") as caught:
        await running.bring_up(
            container_host, Workload(Compose({"web": broken}), {}), seconds=10 * PATIENCE
        )
    assert "started again and again" not in caught.value.facts.safe
