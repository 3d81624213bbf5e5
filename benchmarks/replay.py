"""How fast a standby replays an archive that is far away: `python -m benchmarks.replay`.

A real host archives so many segments to a real store over TLS, which is `--latency` away from both
hosts; another is restored from it and replays them to the end. Segments for each second: `alone` by
a loop of pgBackRest's own command for one of them, `fetched` by the standby once it runs,
`replayed` with the listing before and the proof of the end after it.
"""

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any

from tests.data.cluster import CLUSTER
from tests.data.conftest import PATIENCE, Lab, LocalHost, open_lab
from tests.data.postgres.test_trouble import ARCHIVE, RCLONE, postgres, sql

from liferaft.data.postgres.fetches import FETCHED, fetches
from liferaft.data.postgres.layout import GET
from liferaft.data.postgres.obstacles import fetch_log
from liferaft.data.postgres.wal import Segment

ALONE = 20
"""Segments that are fetched one by one: enough for a rate."""
WRITE = """
select pg_logical_emit_message(true, 'benchmark', repeat(md5(random()::text), 4000))
from generate_series(1, {kilobytes} / 128); select pg_switch_wal();
"""
ONE_BY_ONE = """
cd {data} && for name in {names}; do
    runuser -u postgres -- pgbackrest --config={get} --stanza=main --repo=1 --io-timeout=3 \\
        archive-get "$name" /tmp/one || exit 1
done
"""


async def archive(host: LocalHost, segments: int, kilobytes: int) -> list[str]:
    """The names of so many segments that the vault holds. kilobytes: written to each."""
    await sql(host, WRITE.format(kilobytes=kilobytes) * segments)
    last = await sql(host, "select pg_walfile_name(pg_switch_wal())")
    wait = f"until {RCLONE} lsf {ARCHIVE} | grep -q {last}; do sleep 1; done"
    await host.text(wait, deadline=PATIENCE + 3.0 * segments)
    number = Segment.parse(last).number
    return [Segment(1, one).name for one in range(number - segments, number)]


async def one_by_one(host: LocalHost, names: list[str]) -> float:
    """Segments for each second."""
    script = ONE_BY_ONE.format(data=CLUSTER.data, get=GET, names=" ".join(names))
    began = time.monotonic()
    await host.text(script, deadline=PATIENCE)
    return len(names) / (time.monotonic() - began)


def fetched(log: str) -> list[float]:
    """When each segment was there, by the fetches that the log has still."""
    return [row.at for row in fetches(log, since=0.0) if row.ending == FETCHED]


async def measure(lab: Lab, segments: int, kilobytes: int) -> dict[str, Any]:
    old, new = lab.hosts["old"], lab.hosts["new"]
    first, second = postgres(lab, old, 1), postgres(lab, new, 2, 1)
    await first.configure(old)
    part = await first.snapshot(old, epoch=1, marker="run-1")
    names = await archive(old, segments, kilobytes)
    await old.text(f"systemctl stop {CLUSTER.unit} liferaft-archive-clock", deadline=PATIENCE)
    began = time.monotonic()
    await second.restore(new, part, marker="run-2")
    restored = time.monotonic()
    done = await second.replay_to_end(new, deadline=PATIENCE + 3.0 * segments)
    seconds = time.monotonic() - restored
    times = fetched(await fetch_log(new))
    alone = await one_by_one(new, names[:ALONE])
    return {
        "segments": segments,
        "written_kilobytes_each": kilobytes,
        "end": done.segment,
        "restore_seconds": round(restored - began, 1),
        "replay_seconds": round(seconds, 1),
        "fetched_each_second": round((len(times) - 1) / (times[-1] - times[0]), 1),
        "replayed_each_second": round(segments / seconds, 1),
        "alone_each_second": round(alone, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=80.0, help="milliseconds of a round trip")
    parser.add_argument("--segments", type=int, default=300)
    parser.add_argument("--kilobytes", type=int, default=128, help="written to each segment")
    parser.add_argument("--report", type=Path, help="a folder for replay.json")
    asked = parser.parse_args()
    with open_lab(("old", "new"), round_trip=asked.latency / 1000) as lab:
        found = asyncio.run(measure(lab, asked.segments, asked.kilobytes))
    found = {"latency_ms": asked.latency, **found}
    text = json.dumps(found, indent=2)
    if asked.report:
        asked.report.mkdir(parents=True, exist_ok=True)
        (asked.report / "replay.json").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
