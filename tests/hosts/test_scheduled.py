"""Jobs of a schedule on a host, as a timer calls them: real podman, podman-compose and rclone."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.hosts.services import PATIENCE, SLEEPS, ids, saying

from liferaft.compose.application import Compose
from liferaft.compose.service import Mount, MountKind
from liferaft.hosts import running
from liferaft.hosts.once import PROGRAM, program
from liferaft.hosts.workload import FOLDER, PROJECT, Workload

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]
KEPT = (Mount(MountKind.VOLUME, "kept", "/kept"),)
TOLD = {"LIFERAFT_EPOCH": "1", "PASSWORD": "hush-hush"}


def release(script: str, *, within: int = 120, word: str = "old") -> Workload:
    job = replace(SLEEPS, command=("/bin/sh", "-c", script), volumes=KEPT, ends=True)
    return Workload(saying(word), TOLD, Compose({"clear": job}), {"clear": within})


async def installed(host: Any, workload: Workload, *epochs: str) -> None:
    """epochs: what each of two vaults has; a vault without any answers with an error."""
    await running.bring_up(host, workload, seconds=PATIENCE)
    vaults = []
    for name, epoch in zip(("main", "second"), epochs, strict=True):
        folder = f"/run/vaults/{name}/epoch"
        if epoch:
            await host.run(f"mkdir -p {folder}; touch {folder}/00000001 {folder}/{epoch}")
        vaults.append({"name": name, "argv": ["rclone"], "epochs": folder})
    settings = {"epoch": 1, "folder": FOLDER, "project": PROJECT, "states": "/run/states"}
    await host.put("/run/jobs.json", json.dumps(settings | {"vaults": vaults}).encode())
    await host.put(PROGRAM, program(), mode=0o755)


async def run(host: Any) -> tuple[int, dict[str, str]]:
    """Its exit code, and what is noted of it."""
    done = await host.run(
        [PROGRAM, "scheduled", "clear", "/run/jobs.json"], deadline=PATIENCE, check=False
    )
    noted = await host.run("cat /run/states/clear.json", check=False)
    return done.exit_code, json.loads(noted.stdout or "{}")


async def times(host: Any) -> int:
    """How often it ran."""
    mount = (
        await host.run(["podman", "volume", "inspect", "--format", "{{.Mountpoint}}", "app_kept"])
    ).text
    return len((await host.get(f"{mount}/times")).split())


async def test_a_job_runs_beside_what_runs_and_how_it_went_is_noted(container_host: Any) -> None:
    host = container_host
    await installed(host, release('echo x >>/kept/times; echo "did $PASSWORD"'), "00000001", "")
    before = await ids(host)
    code, noted = await run(host)
    assert (code, noted["outcome"], noted["said"]) == (0, "well", "did [PASSWORD]")
    assert noted["began"] <= noted["ended"]
    assert (await run(host))[0] == 0
    assert await times(host) == 2
    assert await ids(host) == before


async def test_a_job_that_fails_is_noted_with_its_exit_code_and_its_unit_fails(
    container_host: Any,
) -> None:
    await installed(container_host, release("echo no room; exit 3"), "00000001", "00000001")
    code, noted = await run(container_host)
    assert code == 1
    assert (noted["outcome"], noted["why"]) == ("failed", "ended with exit code 3")
    assert noted["said"] == "no room"


@pytest.mark.parametrize(
    ("epochs", "why"),
    [
        (("00000001", "00000002"), "vault second has epoch 2, and this server is of epoch 1"),
        (("00000002", ""), "vault main has epoch 2"),
        (("", ""), "rclone ended with"),
    ],
)
async def test_nothing_runs_where_another_epoch_has_begun_or_no_vault_tells(
    container_host: Any, epochs: tuple[str, str], why: str
) -> None:
    host = container_host
    await installed(host, release("exit 0"), *epochs)
    before = await host.run("podman events --stream=false --filter event=create | wc -l")
    code, noted = await run(host)
    assert (code, noted["outcome"]) == (1, "not run")
    assert why in noted["why"]
    after = await host.run("podman events --stream=false --filter event=create | wc -l")
    assert after.text == before.text


async def test_a_job_goes_on_while_another_release_is_started_and_is_stopped_in_its_time(
    container_host: Any,
) -> None:
    host = container_host
    await installed(host, release("exec /bin/sleep 1000", within=15), "00000001", "00000001")
    await host.run(f"{PROGRAM} scheduled clear /run/jobs.json >/run/said 2>&1 &")
    await host.wait("podman ps | grep -q scheduled-app_clear", until="the job", deadline=PATIENCE)
    new = release("exec /bin/sleep 1000", within=15, word="new")
    await running.bring_up(host, new, seconds=PATIENCE)
    await host.wait("cat /run/states/clear.json", until="its end", deadline=PATIENCE)
    noted = json.loads(await host.get("/run/states/clear.json"))
    assert (noted["outcome"], noted["why"]) == ("late", "did not end within 15 s")
    assert await running.is_running(host, new.compose.services)


async def test_a_job_that_is_declared_no_more_is_not_run(container_host: Any) -> None:
    host = container_host
    await installed(host, replace(release("exit 0"), scheduled={}), "00000001", "00000001")
    assert await run(host) == (0, {})
