"""Jobs of a release on a host, with real podman and podman-compose."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.hosts.services import PATIENCE, SLEEPS, ids, logs, saying

from liferaft.compose.application import Compose
from liferaft.compose.service import Mount, MountKind, Service
from liferaft.hosts import once, running
from liferaft.hosts.workload import Workload
from liferaft.remote.contract import CommandFailed

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]
TOLD = {"LIFERAFT_EPOCH": "1", "PASSWORD": "hush-hush"}


def job(script: str, **more: Any) -> Service:
    return replace(SLEEPS, command=("/bin/sh", "-c", script), ends=True, **more)


def workload(services: Compose, **jobs: Service) -> Workload:
    return Workload(services, TOLD, Compose(jobs))


async def runs(host: Any) -> set[str]:
    return set((await host.run("podman ps --all --format '{{.Names}}'")).text.split())


async def test_a_job_ends_before_what_runs_is_stopped_and_is_run_once_for_a_release(
    container_host: Any,
) -> None:
    host = container_host
    await running.bring_up(host, Workload(saying("old"), TOLD), seconds=PATIENCE)
    before = await ids(host)
    kept = (Mount(MountKind.VOLUME, "kept", "/kept"),)
    migrate = job('test -n "$PASSWORD" && echo x >>/kept/times', volumes=kept)
    shows = "while read -r x; do echo $x; done </kept/times; exec /bin/sleep 1000"
    web = replace(SLEEPS, command=("/bin/sh", "-c", shows), volumes=kept)
    release = workload(Compose({"web": web}), migrate=migrate)

    assert not await once.has_ended_well(host, release)
    await once.run_once(host, release, seconds=PATIENCE)
    await once.run_once(host, release, seconds=PATIENCE)  # its answer was lost, say
    assert await once.has_ended_well(host, release)
    assert await ids(host) == before
    assert await runs(host) == {"app_web_1"}
    await running.bring_up(host, replace(release, jobs=Compose()), seconds=PATIENCE)
    assert await logs(host, "app_web_1") == "x\n"

    other = replace(release, variables=TOLD | {"LIFERAFT_EPOCH": "2"})
    assert not await once.has_ended_well(host, other)


async def test_a_job_that_fails_stops_the_release_and_is_told_with_its_last_words(
    container_host: Any,
) -> None:
    host = container_host
    await running.bring_up(host, Workload(saying("old"), TOLD), seconds=PATIENCE)
    before = await ids(host)
    fails = job('echo "no such table, said $PASSWORD"; exit 3')
    release = workload(saying("new"), migrate=fails, later=job("exit 0", depends_on=("migrate",)))
    with pytest.raises(once.JobFailed) as caught:
        await once.run_once(host, release, seconds=PATIENCE)
    facts = caught.value.facts
    assert facts.happened == "migrate ended with exit code 3: this release is not started."
    assert facts.details["logs"].strip() == "no such table, said [PASSWORD]"
    assert str(facts.safe).startswith("Nothing was stopped on the server")
    assert await ids(host) == before
    assert await runs(host) == {"app_web_1"}
    assert not await once.has_ended_well(host, release)


async def test_what_a_job_needs_runs_beside_it_and_only_then(container_host: Any) -> None:
    host = container_host
    queue = replace(
        SLEEPS, command=("/bin/sh", "-c", "echo there >/kept/queue; exec /bin/sleep 99")
    )
    kept = (Mount(MountKind.VOLUME, "kept", "/kept"),)
    services = Compose({
        "queue": replace(queue, volumes=kept),
        "web": replace(SLEEPS, depends_on=("migrate",)),
    })  # fmt: skip
    migrate = job("test -e /kept/queue", volumes=kept, depends_on=("queue",))
    await once.run_once(host, workload(services, migrate=migrate), seconds=PATIENCE)
    assert await runs(host) == set()


async def test_a_job_that_does_not_end_in_time_is_stopped(container_host: Any) -> None:
    host, endless = container_host, replace(SLEEPS, ends=True)
    with pytest.raises(once.JobFailed, match="migrate did not end within 2 s"):
        await once.run_once(host, workload(saying("new"), migrate=endless), seconds=2)
    assert await runs(host) == set()


async def test_a_job_that_podman_cannot_start_is_told_with_podmans_words(
    container_host: Any,
) -> None:
    wrong = replace(SLEEPS, command=("/bin/absent",), ends=True)
    with pytest.raises(once.JobFailed, match="migrate could not be started") as caught:
        await once.run_once(
            container_host, workload(saying("new"), migrate=wrong), seconds=PATIENCE
        )
    assert "/bin/absent" in caught.value.facts.details["logs"]
    assert await runs(container_host) == set()


async def test_a_job_whose_program_was_killed_is_waited_for_and_not_begun_again(
    container_host: Any,
) -> None:
    host = container_host
    kept = (Mount(MountKind.VOLUME, "kept", "/kept"),)
    migrate = job("echo x >>/kept/times; /bin/sleep 4", volumes=kept)
    checks = job("read -r x </kept/times && test $x = x", volumes=kept, depends_on=("migrate",))
    release = workload(saying("new"), migrate=migrate, checks=checks)
    kill = (
        "while ! podman ps --format '{{.Names}}' | grep -q once-app_migrate; do sleep 0.1; done; "
    )
    kill += "kill -9 $(pgrep -f '[l]iferaft-job once')"
    killed = asyncio.create_task(host.run(kill))
    with pytest.raises(CommandFailed):
        await once.run_once(host, release, seconds=PATIENCE)
    await killed
    await once.run_once(host, release, seconds=PATIENCE)
    shown = job("n=0; while read -r x; do n=$((n+1)); done </kept/times; exit $n", volumes=kept)
    with pytest.raises(once.JobFailed, match="exit code 1:"):
        await once.run_once(host, workload(saying("new"), shown=shown), seconds=PATIENCE)
