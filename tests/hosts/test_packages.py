"""Packages on a host: what a person reads when its sources are dead."""

import asyncio
import os
from pathlib import Path
from typing import cast

import pytest

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


class Local:
    """Runs scripts here, with these programs before all others."""

    address = "192.0.2.7"

    def __init__(self, programs: Path) -> None:
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
