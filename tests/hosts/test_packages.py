"""Packages on a host, with Debian's own apt, dpkg and cloud-init."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from tests.hosts.chroot import chroot_host

from liferaft.hosts.packages import NotInstalled, install
from liferaft.remote import apt
from liferaft.remote.contract import Host

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]
REPOSITORY = """
mkdir -p /srv/repository/pack/DEBIAN; cd /srv/repository
cat >pack/DEBIAN/control
dpkg-deb --build pack trial.deb
cp pack/DEBIAN/control Packages
echo "Filename: ./trial.deb" >>Packages
echo "Size: $(stat -c %s trial.deb)" >>Packages
echo "SHA256: $(sha256sum <trial.deb | cut -c-64)" >>Packages
echo 'deb [trusted=yes] file:/srv/repository ./' >/etc/apt/sources.list
"""
CONTROL = b"""\
Package: trial
Version: 1
Architecture: all
Maintainer: Nobody <nobody@example.test>
Description: nothing at all
"""
LOCKS = ("/var/lib/dpkg/lock-frontend", "/var/lib/apt/lists/lock", "/var/cache/apt/archives/lock")
HOLDER = b"""#!/usr/bin/python3
import fcntl, os, sys, time
os.makedirs(os.path.dirname(sys.argv[1]), exist_ok=True)
file = open(sys.argv[1], "a+")
fcntl.lockf(file, fcntl.LOCK_EX)
open("/run/held", "w").write(str(os.getpid()))
time.sleep(1000)
"""
RUNNING = b'{"v1": {"stage": "modules-final", "datasource": null}}'
FAILED = b'{"v1": {"stage": null, "datasource": null, "modules-final": {"errors": ["it failed"]}}}'
Installing = Callable[[str], AbstractAsyncContextManager[tuple[Host, str]]]


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Host]:
    """A server whose package sources have one package, `trial`."""
    systemctl = tmp_path / "systemctl"
    systemctl.write_text("#!/bin/sh\ncat /run/system 2>/dev/null || echo running\n")
    with chroot_host(tmp_path / "room", systemctl) as host:
        asyncio.run(host.run(REPOSITORY, stdin=CONTROL))
        yield host


@pytest.fixture
def installing(repository: Host) -> Installing:
    """Another program holds a lock on that server, until it is killed: the server, its process."""

    @asynccontextmanager
    async def held(lock: str) -> AsyncIterator[tuple[Host, str]]:
        await repository.put("/run/unattended-upgr", HOLDER, mode=0o755)
        process = asyncio.create_task(
            repository.run(["/run/unattended-upgr", lock], deadline=300, check=False)
        )
        found = await repository.wait("cat /run/held", until="the lock", deadline=60)
        try:
            yield repository, found.text
        finally:
            await repository.run(["kill", found.text], check=False)
            await process

    return held


async def test_a_dead_package_source_is_named_after_what_apt_makes_of_it(repository: Host) -> None:
    await repository.run("echo 'deb [trusted=yes] file:/gone ./' >/etc/apt/sources.list")
    with pytest.raises(NotInstalled, match=r"installed on 127\.0\.0\.1: trial") as caught:
        await install(repository, ["trial"], deadline=100)
    first, *_, last = caught.value.facts.details["stderr"].splitlines()
    assert first == "E: Unable to locate package trial"
    assert last.startswith("E: Failed to fetch file:/gone/./Packages")
    assert "package sources" in caught.value.facts.do


async def test_a_source_that_is_dead_does_no_harm_beside_one_that_has_everything(
    repository: Host,
) -> None:
    await repository.run("echo 'deb [trusted=yes] file:/gone ./' >>/etc/apt/sources.list")
    assert await install(repository, ["trial"], deadline=100) == ("trial",)
    assert await install(repository, ["trial"], deadline=100) == ()


async def wants(host: Host) -> asyncio.Task[tuple[str, ...]]:
    """An installation that has begun, and stands behind another."""
    task = asyncio.create_task(install(host, ["trial"], deadline=100))
    await asyncio.sleep(2.5)
    assert not task.done()
    return task


@pytest.mark.parametrize("lock", LOCKS)
async def test_an_installation_waits_for_another_that_holds_a_lock(
    installing: Installing, lock: str
) -> None:
    async with installing(lock) as (host, other):
        task = await wants(host)
        await host.run(["kill", other])
        assert await task == ("trial",)


@pytest.mark.parametrize("lock", LOCKS)
async def test_an_installation_that_does_not_end_is_told_by_its_program(
    installing: Installing, lock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apt, "WAIT_SECONDS", 1)
    async with installing(lock) as (host, other):
        with pytest.raises(NotInstalled) as caught:
            await install(host, ["trial"], deadline=100)
        told = f"Process {other} (unattended-upgr) was installing packages on 127.0.0.1"
        assert caught.value.facts.happened.startswith(told)
        assert "sources" not in caught.value.facts.do


async def test_nothing_is_installed_before_cloud_init_has_ended(
    repository: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    await repository.put("/run/cloud-init/status.json", RUNNING, mode=0o644)
    await repository.put("/run/system", b"starting\n")
    task = await wants(repository)
    with monkeypatch.context() as patched:
        patched.setattr(apt, "WAIT_SECONDS", 1)
        with pytest.raises(NotInstalled, match=r"cloud-init was setting the server up on 127\."):
            await install(repository, ["trial"], deadline=100)
    await repository.put("/run/cloud-init/status.json", FAILED, mode=0o644)
    await repository.put("/run/cloud-init/result.json", b"{}", mode=0o644)
    assert await task == ("trial",)


async def test_a_cloud_init_that_never_runs_is_not_waited_for(repository: Host) -> None:
    said = (await repository.run("cloud-init status")).text
    assert said in ("status: not run", "status: not started")  # of Debian 12, of Debian 13
    assert await install(repository, ["trial"], deadline=100) == ("trial",)


async def test_a_cloud_init_that_died_is_not_waited_for(repository: Host) -> None:
    """The system has started, and it says for ever that it is running."""
    await repository.put("/run/cloud-init/status.json", RUNNING, mode=0o644)
    assert "running" in (await repository.run("cloud-init status", check=False)).text
    await repository.put("/run/system", b"degraded\n")
    assert await install(repository, ["trial"], deadline=20) == ("trial",)
