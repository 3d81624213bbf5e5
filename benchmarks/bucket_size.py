"""`python -m benchmarks.bucket_size --report FOLDER`: a bucket of 200,000 objects, kept by rows.

A strict store, in a process of its own, has a bucket of that many objects, and PostgreSQL a row for
each. What is measured is the program as it goes to hosts: how long a pass takes that finds nothing
new; how long after a row's commit its object is in the vault, while the bucket is being listed; and
the most memory that it took. The vault's first copies are written into the manifest and not made:
how fast that is, `benchmarks.bucket` says. FOLDER/report.json has the figures. Exit 1 where they
are not as promised. Needs root and PostgreSQL's own programs.
"""

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.data.flat_store import flat_store

from benchmarks.reports import write_report
from liferaft.data.bucket.bucketcopy.dialect import StoreKeys
from liferaft.data.bucket.bucketcopy.listing import listed
from liferaft.data.bucket.bucketcopy.manifest import Manifest
from liferaft.data.bucket.bucketcopy.sealing import Seal
from liferaft.data.bucket.bucketcopy.store import Store
from liferaft.data.bucket.program import program

OBJECTS = 200_000
FRESH = 20
PASS_SECONDS, FRESH_SECONDS, MEGABYTES = 60.0, 5.0, 300.0
PATIENCE = 300.0
PREFIX = "app/epoch-00000001/bucket/media/"
SEAL = {"password": "the-seals-password-77a0", "salt": "the-seals-salt-19fe"}
QUERY = "select object_key, id from uploads where id > $1"
ROWS = """
create table uploads (id bigserial primary key, object_key text not null);
insert into uploads (object_key)
    select 'photos/' || lpad(n::text, 8, '0') || '.jpg' from generate_series(1, {objects}) as n;
analyze uploads;
"""
LISTING_ONCE = """
import json, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from bucketcopy.passes import Passes
from bucketcopy.task import Task
passes = Passes(Task.read(Path(sys.argv[2])))
start, busy = time.monotonic(), time.process_time()
assert passes.run() is not None
print(time.monotonic() - start, time.process_time() - busy)
"""


class Lagging(Exception):
    """What was awaited did not come."""


def serve(objects: int) -> None:
    """The store, until it is ended. Says where it is."""
    with flat_store() as store:
        for number in range(1, objects + 1):
            store.put("site", f"photos/{number:08}.jpg", b"%d" % number)
        print(json.dumps([store.url, store.key, store.secret, store.region]), flush=True)
        signal.pause()


@contextmanager
def served(objects: int) -> Iterator[list[str]]:
    argv = [sys.executable, "-m", "benchmarks.bucket_size", "--serve", str(objects)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.kill()


class Database:
    """A cluster of its own, reached by a socket in its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not found:
            raise Lagging("there is no PostgreSQL on this machine")
        self._programs = found[-1]
        self.address = f"host={folder} port=5599 dbname=postgres"
        shutil.chown(folder, "postgres")
        self._run("initdb", "-D", f"{folder}/data", "-A", "trust", "-N", "-E", "UTF8")
        options = f"-k {folder} -p 5599 -c listen_addresses="
        log = f"{folder}/log"
        self._run("pg_ctl", "-D", f"{folder}/data", "-o", options, "-l", log, "-w", "start")

    def execute(self, statements: str) -> None:
        self._run("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.address, "-c", statements)

    def stop(self) -> None:
        self._run("pg_ctl", "-D", f"{self._folder}/data", "-m", "immediate", "stop")

    def _run(self, name: str, *arguments: str) -> None:
        argv = [str(self._programs / name), *arguments]
        subprocess.run(argv, user="postgres", cwd="/", check=True, stdout=subprocess.DEVNULL)


def measured(folder: Path, objects: int) -> Mapping[str, Any]:
    """The figures. Raises Lagging."""
    (folder / "kept/main").mkdir(parents=True)
    (folder / "manifests").mkdir()
    cluster = folder / "cluster"
    cluster.mkdir()
    folder.chmod(0o755)
    database = Database(cluster)
    try:
        database.execute(ROWS.format(objects=objects))
        with served(objects) as place:
            url, key, secret, region = place
            keys = StoreKeys(key, secret, region)
            site, vault = (Store(name, url, name, keys, None) for name in ("site", "vault"))
            task = _task(folder, place, database.address)
            _known(folder, site)
            (folder / "packed").write_bytes(program())
            seconds = [_pass_seconds(folder, task) for _ in range(3)]
            fresh = _kept(folder, task, database, site, vault)
    finally:
        database.stop()
    return {
        "objects": objects,
        "unchanged_pass_seconds": [round(clock, 1) for clock, _ in seconds],
        "unchanged_pass_processor_seconds": [round(busy, 1) for _, busy in seconds],
        **fresh,
    }


def _task(folder: Path, place: list[str], database: str) -> Path:
    url, key, secret, region = place
    both = {"url": url, "region": region, "access_key": key, "secret_key": secret, "ca_file": None}
    path = folder / "task.json"
    told = {
        "name": "media", "vault_name": "main", "prefixes": [PREFIX], "seal": SEAL,
        "site": {**both, "bucket": "site"}, "vault": {**both, "bucket": "vault"},
        "state": str(folder), "keep_deleted": 30 * 86_400, "references": [QUERY],
        "database": database, "reader": "postgres",
    }  # fmt: skip
    path.write_text(json.dumps(told))
    return path


def _known(folder: Path, site: Store) -> None:
    """What a first copy would have written down."""
    seal = Seal(**SEAL)
    names = ((seal.name(one.key, one.identity), None, None) for one in listed(site))
    held = Manifest(PREFIX, folder / "manifests/main:media")
    held.replace(names, until=0, now=time.time())
    held.close()


def _pass_seconds(folder: Path, task: Path) -> tuple[float, float]:
    """Of the clock, and of a processor: a machine that others use takes longer."""
    argv = [sys.executable, "-I", "-c", LISTING_ONCE, str(folder / "packed"), str(task)]
    said = subprocess.run(argv, capture_output=True, check=True, timeout=PATIENCE)
    clock, busy = map(float, said.stdout.split())
    return clock, busy


def _kept(
    folder: Path, task: Path, database: Database, site: Store, vault: Store
) -> Mapping[str, Any]:
    """The keeper: its first minute is passes, one after the other, so all of these meet one."""
    seal, moment = Seal(**SEAL), folder / "kept/main/media"
    with (folder / "log").open("wb") as log:
        argv = [sys.executable, "-I", str(folder / "packed"), "keep", str(task)]
        keeper = subprocess.Popen(argv, stderr=log)
    try:
        _wait(moment.exists)
        seconds = list[float]()
        for number in range(FRESH):
            name = f"fresh/{number}"
            site.ask("PUT", name, body=b"fresh")
            database.execute(f"insert into uploads (object_key) values ('{name}')")  # noqa: S608  # of this file
            committed, there = time.monotonic(), f"{PREFIX}{seal.digest(name)}"
            _wait(lambda there=there: any(listed(vault, there)))
            seconds.append(time.monotonic() - committed)
            time.sleep(1)
        status = Path(f"/proc/{keeper.pid}/status").read_text()
        most = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    finally:
        keeper.kill()
        keeper.wait()
    said = (folder / "log").read_text()
    if said:
        raise Lagging(f"the keeper had to tell something: {said}")
    return {
        "fresh_seconds_median": round(sorted(seconds)[FRESH // 2], 2),
        "fresh_seconds_most": round(max(seconds), 2),
        "megabytes_most": round(int(most) / 1024),
    }


def _wait(true: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            raise Lagging("waited in vain")
        time.sleep(0.05)


def broken(figures: Mapping[str, Any]) -> list[str]:
    """The promises that were not kept."""
    limits = {"fresh_seconds_most": FRESH_SECONDS, "megabytes_most": MEGABYTES}
    found = [name for name, most in limits.items() if figures[name] > most]
    slow = max(figures["unchanged_pass_seconds"]) > PASS_SECONDS
    return [*found, *(["unchanged_pass_seconds"] * slow)]


def main() -> int:
    """0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bucket_size")
    parser.add_argument("--objects", type=int, default=OBJECTS)
    parser.add_argument("--report", type=Path)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.serve)
        return 0
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        figures = dict(measured(Path(name), asked.objects))
    figures["broken"] = broken(figures)
    print(json.dumps(figures, indent=2))
    write_report(asked.report, figures)
    return 1 if figures["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
