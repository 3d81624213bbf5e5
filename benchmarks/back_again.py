"""`python -m benchmarks.back_again GIGABYTES`: how long a database of that size takes to be back.

On real hosts, from a real store over TLS. First the point is brought back on trial, as `liferaft
snapshot verify` does it, and by its seconds `liferaft status` projects. Then users write on for a
minute, and another host restores and replays, as a failover does: these seconds count, and of the
projection its pieces for these. FOLDER/report.json has both, and whether the projection's own error
covers the difference. About half of each row can be
compressed.
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
from liferaft.moves.time_back import Measured, Measurements, projected
from liferaft.recovery.part import Part

GIGABYTE: Final = 1e9
MINUTE: Final = 60.0
FILL: Final = """
create table if not exists row_of_an_app (id bigserial primary key, said text, body bytea);
insert into row_of_an_app (said, body)
    select repeat(md5(n::text), 30),
           decode(string_agg(md5(random()::text || n || m), ''), 'hex')
    from generate_series(1, {rows}) as n, generate_series(1, 60) as m group by n;
"""
ROW_BYTES: Final = 2000
AT_ONCE: Final = 50_000
"""Rows in a statement."""


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


async def measure(lab: Lab, gigabytes: float) -> dict[str, Any]:
    old, new = lab.hosts["old"], lab.hosts["new"]
    first, second, timed = database(lab, old, 1), database(lab, new, 2, 1), Timed()
    await first.configure(old)
    for _ in range(max(1, round(gigabytes * GIGABYTE / ROW_BYTES / AT_ONCE))):
        await sql(old, FILL.format(rows=AT_ONCE))
    size = int(await sql(old, "select pg_database_size('chirp')"))
    part = await timed.take("snapshot", first.snapshot(old, epoch=1, marker="point"))
    proof = await timed.take("verify", first.prove(new, part, Trial(lab.vault, "point")))
    end = time.monotonic() + MINUTE
    while time.monotonic() < end:
        await sql(old, "insert into row_of_an_app (said) select 'goes on'")
        await asyncio.sleep(0.2)
    old.kill()
    await timed.take("restore", second.restore(new, part, marker="run"))
    replayed = await timed.take("replay", second.replay_to_end(new, deadline=LONG))
    await timed.take("prepare archive", second.prepare_archive(new))
    await timed.take("take over", second.take_over(new))
    took = sum(timed.seconds[what] for what in ("restore", "replay"))
    segments = Segment.parse(replayed.segment).number - Segment.parse(_start(part)).number
    known = Measurements(
        restore=[Measured(proof.seconds.get("restore", 0.0), part.size)],
        replay=[Measured(proof.seconds.get("replay", 0.0), 1)],
    )
    pieces = projected(known, size=part.size, segments=segments).pieces
    seconds, error = (sum(getattr(one, of) or 0.0 for one in pieces) for of in ("seconds", "error"))
    return {
        "gigabytes": round(size / GIGABYTE, 2),
        "faults": [str(fault) for fault in proof.faults],
        "seconds": timed.seconds,
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
