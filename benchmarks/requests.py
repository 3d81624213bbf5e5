"""How many requests a site makes a day, and what they cost: `python -m benchmarks.requests`.

A real host with a database, whose archive and whose bucket are kept in a vault, is counted by the
store itself (SeaweedFS's own metrics): idle, which is the heartbeat alone, and busy, which is rows
that fill a segment every few seconds and an object stored each second. The counts are of so many
seconds and told for a day. What commands of the operator ask (the journal, the lease) comes in
addition, for each run.
"""

import argparse
import asyncio
import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.data.bucket.test_keeper import RCLONE, media
from tests.data.conftest import Lab, LocalHost, open_lab
from tests.data.postgres.test_trouble import postgres, sql

from benchmarks.request_prices import DELETE, LIST, PRICE_LISTS, READ, WRITE
from liferaft.data.bucket import keeper
from liferaft.data.postgres.configuration import ARCHIVE_SECONDS

DAY: Final = 86400.0
STORED: Final = 1.0
"""Seconds between two objects that a busy app stores."""
FILLED: Final = 4
"""Seconds in which a busy database fills a segment."""
_COUNTED: Final = re.compile(
    r'^SeaweedFS_s3_request_total\{bucket="(?P<bucket>[^"]*)",code="\d+",type="(?P<type>\w+)"\} '
    r"(?P<count>[\d.e+]+)$",
    re.MULTILINE,
)
_SORTS: Final = {
    "PUT": WRITE,
    "POST": WRITE,
    "COPY": WRITE,
    "GET": READ,
    "HEAD": READ,
    "LIST": LIST,
}
_METRICS: Final = "curl --silent --fail http://objects.lab.test:9327/metrics"
BUSY: Final = """
insert into filling select generate_series(1, 20000), repeat(md5(random()::text), 18)
"""
VAULT, SITE = "chirp-vault", "old-media"
Counts = Mapping[str, Mapping[str, float]]
"""Bucket → sort → requests."""


def counts_in(metrics: str) -> dict[str, dict[str, float]]:
    """Every request that a store has answered, by its own account, whatever the answer was."""
    found: dict[str, dict[str, float]] = {}
    for one in _COUNTED.finditer(metrics):
        sort = _SORTS.get(one["type"], DELETE if one["type"].startswith("DELETE") else one["type"])
        bucket = found.setdefault(one["bucket"], {})
        bucket[sort] = bucket.get(sort, 0.0) + float(one["count"])
    return found


def a_day(before: Counts, after: Counts, seconds: float) -> dict[str, dict[str, int]]:
    """Requests a day, by bucket and sort, from two counts that lie so far apart."""
    return {
        bucket: {
            sort: round((count - before.get(bucket, {}).get(sort, 0.0)) * DAY / seconds)
            for sort, count in sorts.items()
        }
        for bucket, sorts in after.items()
    }


async def size_of_vault(host: LocalHost) -> tuple[int, int]:
    """Objects, and their bytes."""
    told = json.loads(await host.text(f"{RCLONE} size --json lab:{VAULT}"))
    return told["count"], told["bytes"]


async def counted(host: LocalHost, seconds: float) -> dict[str, Any]:
    """Of the vault and the site's bucket, while time goes by, told for a day."""
    objects, size = await size_of_vault(host)
    before, began = counts_in(await host.text(_METRICS)), time.monotonic()
    await asyncio.sleep(seconds)
    after, took = counts_in(await host.text(_METRICS)), time.monotonic() - began
    objects_then, size_then = await size_of_vault(host)
    told = a_day(before, after, took)
    requests = {bucket: told.get(bucket, {}) for bucket in (VAULT, SITE)}
    return {
        "requests_a_day": requests,
        "new_objects_a_day": round((objects_then - objects) * DAY / took),
        "new_megabytes_a_day": round((size_then - size) * DAY / took / 1e6),
        "dollars_a_month": {bucket: dollars(sorts) for bucket, sorts in requests.items()},
    }


async def be_busy(host: LocalHost) -> None:
    """Until it is cancelled."""
    number = 0
    began = time.monotonic()
    while True:
        number += 1
        await host.text(f"head -c 50000 /dev/urandom | {RCLONE} rcat lab:{SITE}/{number:08}")
        if number % round(FILLED / STORED) == 0:
            await sql(host, BUSY)
        await asyncio.sleep(max(0.0, began + number * STORED - time.monotonic()))


async def measure(lab: Lab, seconds: float) -> dict[str, Any]:
    host = lab.hosts["old"]
    data, bucket = postgres(lab, host, 1), media(lab, SITE)
    await data.configure(host)
    await sql(host, "create table filling (number bigint, said text)")
    await data.snapshot(host, epoch=1, marker="run-1")
    await keeper.start_keeper(host, bucket, 1)
    await keeper.wait_for_first_copy(host, bucket, patience=60)
    await asyncio.sleep(2 * ARCHIVE_SECONDS)
    idle = await counted(host, seconds)
    working = asyncio.create_task(be_busy(host))
    await asyncio.sleep(2 * ARCHIVE_SECONDS)
    busy = await counted(host, seconds)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    return {"idle": idle, "busy": busy}


def dollars(requests: Mapping[str, float]) -> dict[str, float]:
    """US dollars a month by vendor, for so many requests a day and nothing else."""
    return {prices.vendor: round(prices.month(requests), 2) for prices in PRICE_LISTS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=180.0, help="of each count")
    parser.add_argument("--report", type=Path, help="a folder for requests.json")
    asked = parser.parse_args()
    with open_lab(("old",)) as lab:
        found = asyncio.run(measure(lab, asked.seconds))
    found = {
        "seconds": asked.seconds,
        **found,
        "prices": {one.vendor: f"{one.source}, read on {one.read_on}" for one in PRICE_LISTS},
    }
    text = json.dumps(found, indent=2)
    if asked.report:
        asked.report.mkdir(parents=True, exist_ok=True)
        (asked.report / "requests.json").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
