"""Commands before and after a copy run in the service's container: so a database of SQLite comes
back whole, as docs/configuration.md says. Real hosts, containers and SQLite."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.data.volume.on_hosts import CALLED, MOUNT, volume

from liferaft.data.failures import SnapshotFailed

if TYPE_CHECKING:
    from tests.data.conftest import Lab, LocalHost

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]
DOCS = Path(__file__).parents[4] / "docs/configuration.md"
WEB = f"""
mkdir -p /root/bare/usr /root/bare/etc /root/bare/tmp; cd /root/bare
for name in bin lib lib64; do ln -sfn "usr/$name" "$name"; done
tar --create . | podman import --quiet - localhost/bare:1
podman volume exists {CALLED} || podman volume create {CALLED}
podman run --detach --name app_web_1 --network none --volume /usr:/usr:ro --volume {CALLED}:/data \\
    --label com.docker.compose.project=app --label com.docker.compose.service=web \\
    --volume /root/write.py:/write.py:ro localhost/bare:1 sh -ec "$1"
"""
WRITE = b"""
import sqlite3, time
base = sqlite3.connect("/data/app.db")
base.execute("pragma journal_mode = wal")
base.execute("create table if not exists post (id integer primary key, text)")
while True:
    for _ in range(5):
        base.execute("insert into post (text) values (hex(randomblob(400)))")
    base.commit()
    time.sleep(0.02)
"""
NEWEST = "select max(id) from post"
ASK = b"""
import sqlite3, sys
base = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
print(*base.execute(sys.argv[2]).fetchone())
"""


def recipe() -> dict[str, Any]:
    """The data set of the page, but for what every one here has."""
    (block,) = re.findall(r"```toml\n(\[data\.accounts\]\n.*?)```", DOCS.read_text(), re.DOTALL)
    told = tomllib.loads(block)["data"]["accounts"]
    return {key: what for key, what in told.items() if key not in {"kind", "volume"}}


def start_line() -> str:
    """What the page says that the service begins with."""
    (line,) = re.findall(r"^command: sh -ec '(.*); exec app'$", DOCS.read_text(), re.MULTILINE)
    return str(line)


@pytest.mark.parametrize("lab", [("old", "new")], indirect=True)
async def test_a_database_of_sqlite_comes_back_whole_while_its_service_writes(lab: Lab) -> None:
    old, new = lab.hosts["old"], lab.hosts["new"]
    await run_web(old, f"{start_line()}; exec python3 /write.py")
    for _ in range(3):
        had = int(await until_written(old))
        part = await volume(lab.vault, **recipe()).snapshot(old, epoch=1, marker=str(had))
    old.kill()

    await volume(lab.vault, epochs=(1,)).restore(new, part, marker="run-1")
    assert await new.text(f"ls {MOUNT}") == "app.db.kept", "files that are written on are not kept"
    await run_web(new, f"{start_line()}; exec sleep 1000")
    assert int(await until_written(new)) >= had > 0
    assert await new.text(f"python3 /root/ask.py {MOUNT}/app.db 'pragma integrity_check'") == "ok"


async def test_a_command_that_fails_keeps_it_from_being_kept_and_the_other_runs_all_the_same(
    lab: Lab,
) -> None:
    host = lab.hosts["one"]
    await run_web(host, "exec sleep 1000")
    told: dict[str, Any] = {"service": "web", "before": "echo the dump broke >&2; false"}
    told["after"] = "touch /data/a"
    with pytest.raises(SnapshotFailed) as failed:
        await volume(lab.vault, **told).snapshot(host, epoch=1, marker="run-1")
    assert "the dump broke" in failed.value.facts.details["said"]
    assert await host.text(f"ls {MOUNT}") == "a"

    await host.text("podman rm --force --time 0 app_web_1")
    with pytest.raises(SnapshotFailed) as failed:
        await volume(lab.vault, **told).snapshot(host, epoch=1, marker="run-2")
    assert "no container of service web runs" in failed.value.facts.details["said"]


async def run_web(host: LocalHost, line: str) -> None:
    """The service runs this line."""
    await host.put("/root/write.py", WRITE, mode=0o644)
    await host.put("/root/ask.py", ASK)
    await host.run(["bash", "-euo", "pipefail", "-c", WEB, "-", line], deadline=120)


async def until_written(host: LocalHost) -> str:
    """The newest row, once there is one."""
    asked = f"python3 /root/ask.py {MOUNT}/app.db '{NEWEST}' 2>/dev/null"
    return await host.text(f"until {asked} | grep '[0-9]'; do sleep 0.1; done", deadline=120)
