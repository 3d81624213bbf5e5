"""The workload on a host, with real podman and podman-compose."""

from dataclasses import replace
from typing import Any

import pytest
from tests.hosts.services import PATIENCE, SLEEPS, ids, logs, saying

from liferaft.compose.application import Compose
from liferaft.compose.service import Mount, MountKind
from liferaft.hosts import running
from liferaft.hosts.workload import Workload

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]
COMPOSE = Compose(
    {
        "web": replace(
            SLEEPS,
            command=("/bin/sh", "-c", 'echo "told: $WORD"; exec /bin/sleep 1000'),
            volumes=(Mount(MountKind.VOLUME, "kept", "/kept"),),
        ),
        "worker": replace(SLEEPS, init=True, depends_on=("web",)),
    }
)
WORD = 'a "quoted" $word'


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
        "PRICE": "5$ and $$ and ${X}",
        "HASH": "a#b 'c' \"d\"",
        "EMPTY": "",
        "EQ": "a=b=c",
        "UNI": "Zürich ☃",
        "TRAIL": "x ",
        "QUOTED": '"whole"',
        "SINGLE": "'whole'",
        "SLASH": "a\\b\\n\\\\c\\$",
        "NAMED": "$PASSWORD and ${PASSWORD} and ${NONE:-else}",
        "COMMENT": "# not one",
        "STAR": "*",
        "DATABASE_URL": "in the application's own words",
    }
    delivered = {f"DELIVERED_{name}": value for name, value in told.items()}
    shown = " ".join(f'"{name}<${{{name}}}>"' for name in (*told, *delivered))
    prints = f"printf '%s\\n' {shown}"
    service = replace(
        SLEEPS,
        command=("/bin/sh", "-c", f"{prints}; exec /bin/sleep 1000"),
        environment=tuple(told.items()),
    )
    workload = Workload(Compose({"web": service}), delivered | {"DATABASE_URL": "in ours"})
    await running.bring_up(container_host, workload, seconds=PATIENCE)

    said = (await container_host.run(["podman", "logs", "app_web_1"])).stdout.decode()
    meant = told | delivered
    assert said.splitlines() == [f"{name}<{value}>" for name, value in meant.items()]
    created = "{{.Config.CreateCommand}}"
    argv = await container_host.run(["podman", "inspect", "--format", created, "app_web_1"])
    journal = (await container_host.get("/run/unit.log")).decode()
    assert "--env-file" in argv.text
    assert "app_web_1" in journal
    for seen in (argv.text, journal):
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
