"""Packages on a host: what a person reads when its sources are dead."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from liferaft.hosts import packages
from liferaft.hosts.packages import NotInstalled, install
from liferaft.remote.contract import Command, CommandFailed, Completed, Host

DEAD = "E: Failed to fetch http://mirror.example/dists/bookworm/InRelease  Could not connect"
APT = f"""#!/bin/bash
case "$*" in
*update*) echo "{DEAD}" >&2 ;;
*) echo "E: Unable to locate package caddy" >&2 ;;
esac
exit 100
"""


GOOD = "#!/bin/sh\n"


class Local:
    """Runs scripts here, with these programs before all others."""

    address = "192.0.2.7"

    def __init__(self, programs: Path) -> None:
        (programs / "sleep").symlink_to("/bin/true")  # what is waited for is looked for at once
        self.environment = {"PATH": f"{programs}:{os.environ['PATH']}"}

    async def run(self, command: Command, *, check: bool = True, **_: object) -> Completed:
        words = ["bash", "-euo", "pipefail", "-c", command] if isinstance(command, str) else command
        process = await asyncio.create_subprocess_exec(
            *words,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, errors = await process.communicate()
        done = Completed(process.returncode or 0, said, errors)
        if check and done.exit_code:
            raise CommandFailed("it failed", done.exit_code, details={"stderr": errors.decode()})
        return done


async def test_a_dead_package_source_is_named_after_what_apt_makes_of_it(tmp_path: Path) -> None:
    for name, text in {"apt-get": APT, "dpkg": "#!/bin/sh\n", "dpkg-query": "#!/bin/sh\n"}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    with pytest.raises(NotInstalled, match=r"installed on 192\.0\.2\.7: caddy") as e:
        await install(cast("Host", Local(tmp_path)), ["caddy"], deadline=10)
    assert e.value.facts.details["stderr"].splitlines() == [
        "E: Unable to locate package caddy",
        DEAD,
    ]
    assert "package sources" in e.value.facts.do


def programs(folder: Path, **texts: str) -> Host:
    for name, text in texts.items():
        (folder / name.replace("_", "-")).write_text(text)
        (folder / name.replace("_", "-")).chmod(0o755)
    return cast("Host", Local(folder))


@pytest.fixture
def administered(tmp_path: Path) -> Path:
    """What dpkg keeps of a system: here of an empty one."""
    folder = tmp_path / "administered"
    (folder / "updates").mkdir(parents=True)
    for name in ("status", "lock", "lock-frontend"):
        (folder / name).touch()
    return folder


def real_dpkg(administered: Path) -> str:
    return f'#!/bin/sh\n{shutil.which("dpkg")} --admindir={administered} "$@"'


@contextmanager
def installing(administered: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program that holds dpkg's lock until its input ends."""
    program = (
        "import fcntl, sys; file = open(sys.argv[1], 'r+'); fcntl.lockf(file, fcntl.LOCK_EX); "
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, administered / "lock-frontend"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


async def test_an_installation_that_a_killed_run_left_under_way_is_waited_for(
    tmp_path: Path, administered: Path
) -> None:
    with installing(administered) as other:
        once = f"{real_dpkg(administered)} || {{ kill {other.pid}; exit 2; }}\n"
        host = programs(tmp_path, apt_get=GOOD, dpkg=once, dpkg_query=GOOD)
        assert await install(host, ["caddy"], deadline=60) == ("caddy",)
        assert other.wait(60)


async def test_an_installation_that_does_not_end_is_not_blamed_on_package_sources(
    tmp_path: Path, administered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "LOCKED_SECONDS", 0)
    host = programs(tmp_path, apt_get=GOOD, dpkg=real_dpkg(administered), dpkg_query=GOOD)
    with (
        installing(administered) as other,
        pytest.raises(NotInstalled, match="Another program was installing packages") as caught,
    ):
        await install(host, ["caddy"], deadline=60)
    assert f"process with pid {other.pid}" in caught.value.facts.details["stderr"]
    assert "sources" not in caught.value.facts.do


async def test_package_lists_that_another_program_fetches_are_waited_for(tmp_path: Path) -> None:
    once = f"""#!/bin/bash
[[ $* == *update* ]] || exit 0
echo asked >>{tmp_path}/asked
[ "$(wc -l <{tmp_path}/asked)" = 2 ] && exit 0
echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7" >&2
exit 100
"""
    host = programs(tmp_path, apt_get=once, dpkg=GOOD, dpkg_query=GOOD)
    assert await install(host, ["caddy"], deadline=60) == ("caddy",)
    assert (tmp_path / "asked").read_text() == "asked\nasked\n"
