"""`python -m benchmarks.terminations LOAD`: what users lose when a site ends at any moment.

A real host has the database, its archiver and a bucket's keepers, two real stores are the vaults.
Users write from elsewhere and note what was acknowledged. At a random phase the whole host stands
still, as a machine does whose account was closed: from there on nothing of it reaches a vault. What
a failover would bring back is restored to another host by the failover's own acts (the standby, its
replay to the end of the archive, the bucket's copy) and compared. Then the host goes on, and ends
again at another phase. It is no whole failover: names, servers and the promotion are left out.

FOLDER/report.json has the figures; exit 1 where a promise does not hold: the age of the oldest
acknowledged write that is lost is at most 15 s in 95 % of the terminations; no write is lost that
an archived segment holds; and no object is lost that a surviving row names and that was then 5 s
old.
"""

import argparse
import asyncio
import json
import math
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from tests.data.cluster import CLUSTER
from tests.data.conftest import PATIENCE, SECRET_KEY, Lab, LocalHost, open_lab

from benchmarks.data_trials import LOADS
from benchmarks.reports import write_report
from liferaft.data.bucket.dataset import BucketData
from liferaft.data.bucket.everywhere import BucketInVaults
from liferaft.data.bucket.keepers import first_copies, start_keepers
from liferaft.data.bucket.program import SiteBucket
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import Database
from liferaft.data.postgres.wal import Segment, parse_lsn
from liferaft.data.rclone import CryptSecrets, Sealed
from liferaft.recovery.part import Part

TIMES: Final = 10
RPO_SECONDS, OBJECT_SECONDS = 15.0, 5.0
PHASES: Final = (14.0, 34.0)
"""Seconds of load before an end: two turns of the archive's clock."""
SEGMENT: Final = re.compile("[0-9A-F]{24}")
SEGMENT_BYTES: Final = 16 << 20
NEW: Final = "new-media"
PASSWORD, CIPHER = "the-apps-password-93ab", "the-passphrase-51d2"
SEAL: Final = CryptSecrets("the-seals-password-77a0", "the-seals-salt-19fe")
QUERY: Final = "select object_key, id from uploads where id > $1 and object_key is not null"
TABLES: Final = """
create table uploads (id bigserial primary key, object_key text, said text);
alter table uploads owner to chirp;
"""
RCLONE: Final = ("rclone", "--config=/root/lab.conf", "--ca-cert=/etc/ssl/liferaft/vault-ca.pem")


@dataclass(frozen=True)
class Write:
    """One that was acknowledged: lsn is past its commit."""

    id: int
    lsn: int
    at: float
    stored: float
    key: str


@dataclass
class Site:
    lab: Lab

    @property
    def old(self) -> LocalHost:
        return self.lab.hosts["old"]

    @property
    def new(self) -> LocalHost:
        return self.lab.hosts["new"]

    def database(self, host: LocalHost, epoch: int, *earlier: int) -> Postgres:
        network = "10.99.0.0/24"
        database = Database("chirp", "chirp", PASSWORD, host.address, network, CLUSTER)
        return Postgres("db", database, (self.lab.vault, self.lab.second), CIPHER, epoch, earlier)

    def buckets(self, name: str) -> tuple[BucketData, ...]:
        vault = self.lab.vault
        site = SiteBucket(
            *(name, vault.url, vault.region, vault.access_key, vault.secret_key, vault.ca_file)
        )
        seals = (Sealed(self.lab.vault, SEAL, "-main"), Sealed(self.lab.second, SEAL, "-second"))
        found = (BucketData("media", site, one) for one in seals)
        if name == NEW:  # a standby lets nobody in anew, who would tell what rows name first
            return tuple(found)
        return tuple(replace(one, references=(QUERY,), database="chirp") for one in found)

    async def begin(self) -> None:
        await self.new.put("/root/lab.conf", await self.old.get("/root/lab.conf"))
        await self.database(self.old, 1).configure(self.old)
        await sql(self.old, TABLES)
        buckets = self.buckets("old-media")
        await start_keepers(self.old, buckets, 1)
        await first_copies(self.old, buckets, patience=PATIENCE)

    async def snapshot(self, number: int) -> tuple[Part, Part]:
        marker = f"point-{number}"
        database = await self.database(self.old, 1).snapshot(self.old, epoch=1, marker=marker)
        bucket = BucketInVaults(self.buckets("old-media"))
        return database, await bucket.snapshot(self.old, epoch=1, marker=marker)

    async def brought_back(
        self, number: int, database: Part, bucket: Part
    ) -> tuple[set[int], set[str]]:
        """Ids of rows and keys of objects, as a failover would have them."""
        marker = f"run-{number}"
        copy = self.database(self.new, 2, 1)
        await copy.restore(self.new, database, marker=marker)
        await copy.replay_to_end(self.new, deadline=PATIENCE)
        ids = await sql(self.new, "select id from uploads")
        await self.new.run([*RCLONE, "delete", "lab:new-media"], deadline=PATIENCE)
        await BucketInVaults(self.buckets(NEW)).restore(self.new, bucket, marker=marker)
        keys = await self.new.run([*RCLONE, "lsf", "-R", "--files-only", "lab:new-media"])
        return {int(one) for one in ids.split()}, set(keys.text.split())

    async def archived(self) -> int:
        """Up to which LSN all WAL lies in a vault, by their own listings."""
        names: set[str] = set()
        for vault in ("lab", "second"):
            folder = f"{vault}:chirp-vault/chirp/epoch-00000001/pgbackrest/{CLUSTER.archive}"
            said = await self.new.run([*RCLONE, "lsf", "-R", "--files-only", folder])
            names |= {line.rpartition("/")[2][:24] for line in said.text.split() if "-" in line}
        numbers = [Segment.parse(name).number for name in names if SEGMENT.fullmatch(name)]
        return (max(numbers) + 1) * SEGMENT_BYTES

    def stands_still(self, still: bool) -> None:
        """The host, with all that is in it."""
        (self.old.cgroup / "cgroup.freeze").write_text("1" if still else "0")


async def sql(host: LocalHost, statement: str) -> str:
    argv = ["runuser", "-u", "postgres", "--", "psql", "-XqAt", "-d", "chirp"]
    return (await host.run(argv, stdin=statement.encode())).text


@contextmanager
def users(lab: Lab, load: str, number: int) -> Iterator[Path]:
    """They write for as long as the block lasts."""
    count, every = LOADS[load]
    out, keys = lab.work / f"written-{number}", lab.work / "keys.json"
    told = {"url": "https://10.99.0.1:8443", "key": "lab", "secret": SECRET_KEY}
    keys.write_text(json.dumps({**told, "ca": str(lab.work / "ca.crt"), "password": PASSWORD}))
    inside = Path(f"/proc/{lab.process.pid}/task/{lab.process.pid}/children").read_text().split()[0]
    writes = [sys.executable, "-m", "benchmarks.users_writing", lab.hosts["old"].address]
    argv = [
        "nsenter",
        "-t",
        inside,
        "-n",
        "--",
        *writes,
        str(out),
        str(every),
        str(count),
        str(keys),
    ]
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            yield out
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def written(out: Path) -> list[Write]:
    """What was acknowledged, the earliest first."""
    rows = [
        json.loads(line)
        for path in out.parent.glob(f"{out.name}.*")
        for line in path.read_text().splitlines()
        if line.endswith("}")
    ]
    found = [Write(**{**row, "lsn": parse_lsn(row["lsn"])}) for row in rows]
    return sorted(found, key=lambda one: one.at)


def told(
    acknowledged: Sequence[Write], rows: set[int], keys: set[str], *, ended: float, archived: int
) -> dict[str, Any]:
    """What one termination came to. Pure."""
    lost = [one for one in acknowledged if one.id not in rows]
    broken = [
        f"row {one.id} is lost, and lies in an archived segment"
        for one in lost
        if one.lsn <= archived
    ]
    named = [one for one in acknowledged if one.id in rows and one.key]
    gone = [one for one in named if one.key not in keys]
    broken += [
        f"object {one.key} is lost, {ended - one.stored:.1f} s old, and row {one.id} names it"
        for one in gone
        if ended - one.stored > OBJECT_SECONDS
    ]
    if not acknowledged:
        broken.append("no write was acknowledged: nothing is shown")
    return {
        "acknowledged": len(acknowledged),
        "lost": len(lost),
        "rpo_seconds": round(max((ended - one.at for one in lost), default=0.0), 2),
        "named_objects": len(named),
        "objects_lost": len(gone),
        "broken": broken,
    }


def summary(load: str, seed: int, ends: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Of all terminations. Pure."""
    ages = sorted(one["rpo_seconds"] for one in ends)
    p95 = ages[math.ceil(0.95 * len(ages)) - 1]
    broken = [words for one in ends for words in one["broken"]]
    if not any(one["named_objects"] for one in ends):
        broken.append("no row that came back names an object: nothing is shown of objects")
    if p95 > RPO_SECONDS:
        broken.append(f"RPO p95 is {p95} s, {RPO_SECONDS} s promised")
    return {
        "load": load,
        "seed": seed,
        "terminations": len(ends),
        "rpo_p50_seconds": ages[len(ages) // 2],
        "rpo_p95_seconds": p95,
        "rpo_most_seconds": ages[-1],
        "acknowledged": sum(one["acknowledged"] for one in ends),
        "lost": sum(one["lost"] for one in ends),
        "named_objects": sum(one["named_objects"] for one in ends),
        "objects_lost": sum(one["objects_lost"] for one in ends),
        "ends": list(ends),
        "broken": broken,
    }


async def terminated(lab: Lab, load: str, seed: int, times: int) -> list[dict[str, Any]]:
    site, chance = Site(lab), random.Random(seed)  # noqa: S311 - a moment, no secret
    await site.begin()
    ends = []
    for number in range(times):
        database, bucket = await site.snapshot(number)
        with users(lab, load, number) as out:
            await asyncio.sleep(chance.uniform(*PHASES))
            ended = time.time()
            site.stands_still(still=True)
        acknowledged = written(out)
        rows, keys = await site.brought_back(number, database, bucket)
        found = told(acknowledged, rows, keys, ended=ended, archived=await site.archived())
        print(f"{load}, {number + 1}: {json.dumps(found)}", file=sys.stderr, flush=True)
        ends.append(found)
        site.stands_still(still=False)
    return ends


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("load", choices=LOADS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--report", type=Path, help="a folder for report.json")
    asked = parser.parse_args()
    with open_lab(("old", "new"), second=True) as lab:
        ends = asyncio.run(terminated(lab, asked.load, asked.seed, asked.times))
    found = summary(asked.load, asked.seed, ends)
    write_report(asked.report, found)
    print(json.dumps({name: of for name, of in found.items() if name != "ends"}, indent=2))
    return 1 if found["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
