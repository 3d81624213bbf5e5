"""`python -m benchmarks.back_again GIGABYTES`: how long a database of that size takes to be back.

On real hosts, from a real store over TLS. First the point is brought back on trial, as `liferaft
snapshot verify` does it, and by its seconds `liferaft status` projects. Then users write on for a
minute, and another host restores and replays, as a failover does: these seconds count, without
what takes as long whatever the size (configuring, looking), which a projection has from the moves
before. FOLDER/report.json has both, and whether the projection's own error covers the difference.
About half of each row can be compressed.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.data.cluster import CLUSTER
from tests.data.conftest import Lab, LocalHost, open_lab

from benchmarks.data_lab import CIPHER, LONG, PASSWORD
from benchmarks.reports import write_report
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import Database
from liferaft.data.postgres.wal import Segment
from liferaft.data.proof import Trial
from liferaft.moves.measured import ASSUMED, restored_on_trial
from liferaft.moves.time_back import Measurements, projected
from liferaft.recovery.part import Part

GIGABYTE: Final = 1e9
MINUTE: Final = 60.0
RANDOM: Final = "/var/lib/postgresql/random"
ROW_BYTES: Final = 2000
AT_ONCE: Final = 50_000
"""Rows in a statement."""
HALF: Final = 960
"""Bytes of a row that cannot be compressed, and as many that can."""
TABLE: Final = "create table row_of_an_app (id bigserial primary key, said text, body bytea)"
FILL: Final = """
insert into row_of_an_app (said, body)
    select repeat(md5(n::text), {half} / 32),
           pg_read_binary_file('{random}', n::bigint * {half}, {half})
    from generate_series(0, {rows} - 1) as n
"""
"""The same random bytes in each statement: so far apart that no backup finds them again."""


@dataclass
class Timed:
    """Seconds, by what was done."""

    seconds: dict[str, float] = field(default_factory=dict)

    async def take(self, what: str, act: Coroutine[Any, Any, Any]) -> Any:
        began = time.monotonic()
        answer = await act
        self.seconds[what] = round(time.monotonic() - began, 1)
        print(f"{what}: {self.seconds[what]} s", file=sys.stderr, flush=True)
        return answer


def database(lab: Lab, host: LocalHost, epoch: int, *earlier: int) -> Postgres:
    network = "10.99.0.0/24"
    wanted = Database("chirp", "chirp", PASSWORD, host.address, network, CLUSTER)
    return Postgres("db", wanted, (lab.vault,), CIPHER, epoch, earlier)


async def sql(host: LocalHost, statement: str) -> str:
    argv = ["runuser", "-u", "postgres", "--", "psql", "-XqAt", "-d", "chirp"]
    return (await host.run(argv, stdin=statement.encode(), deadline=LONG)).text


async def fill(host: LocalHost, data: Postgres, gigabytes: float) -> None:
    """Rows of about as many bytes."""
    await data.configure(host)
    random = f"head -c {HALF * AT_ONCE} /dev/urandom >{RANDOM} && chown postgres: {RANDOM}"
    await host.text(random, deadline=LONG)
    await sql(host, TABLE)
    for _ in range(max(1, round(gigabytes * GIGABYTE / ROW_BYTES / AT_ONCE))):
        await sql(host, FILL.format(half=HALF, random=RANDOM, rows=AT_ONCE))
    await host.text(f"rm {RANDOM}")


async def measure(lab: Lab, gigabytes: float) -> dict[str, Any]:
    old, new = lab.hosts["old"], lab.hosts["new"]
    first, second, timed = database(lab, old, 1), database(lab, new, 2, 1), Timed()
    await timed.take("fill", fill(old, first, gigabytes))
    size = int(await sql(old, "select pg_database_size('chirp')"))
    part = await timed.take("snapshot", first.snapshot(old, epoch=1, marker="point"))
    proof = await timed.take("verify", first.prove(new, part, Trial(lab.vault, "point")))
    end = time.monotonic() + MINUTE
    while time.monotonic() < end:
        await sql(old, "insert into row_of_an_app (said) select 'goes on'")
        await asyncio.sleep(0.2)
    old.kill()
    said = await timed.take("restore", second.restore(new, part, marker="run"))
    replayed = await timed.take("replay", second.replay_to_end(new, deadline=LONG))
    await timed.take("prepare archive", second.prepare_archive(new))
    await timed.take("take over", second.take_over(new))
    took = sum(said["seconds"].values()) + timed.seconds["replay"]
    segments = Segment.parse(replayed.segment).number - Segment.parse(_start(part)).number
    known = Measurements(
        restore=[restored_on_trial(proof.seconds, part.size, "the trial")], replay=[ASSUMED]
    )
    back = projected(known, size=part.size, segments=segments)
    seconds, error = back.lower, sum(one.error or 0.0 for one in back.pieces)
    return {
        "gigabytes": round(size / GIGABYTE, 2),
        "faults": [str(fault) for fault in proof.faults],
        "seconds": timed.seconds,
        "restored": dict(said["seconds"]),
        "verified": dict(proof.seconds),
        "projected": [f"{one.what}: {one.seconds} ± {one.error} s" for one in back.pieces],
        "segments": segments,
        "projected_seconds": round(seconds, 1),
        "projected_error": round(error, 1),
        "took_seconds": round(took, 1),
        "seconds_for_each_gigabyte": round(took / size * GIGABYTE, 1),
        "projection_was_wrong_by": round(seconds / took - 1, 2),
        "error_covers_it": abs(seconds - took) <= error,
        "load": os.getloadavg(),
    }


def _start(part: Part) -> str:
    return str(part.facts["archive_start"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gigabytes", type=float)
    parser.add_argument("--report", type=Path, help="a folder for report.json")
    asked = parser.parse_args()
    with open_lab(("old", "new")) as lab:
        found = asyncio.run(measure(lab, asked.gigabytes))
    write_report(asked.report, found)
    print(json.dumps(found, indent=2))
    return 1 if found["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
