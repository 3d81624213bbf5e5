"""`python -m benchmarks.data WHAT`: how fast data is kept and brought back, beside the raw tools.

At least 1 GB, on real hosts, at real stores over TLS: `raw` is pgBackRest or rclone alone, `ours`
the same by liferaft, `two vaults` the same into two stores. In each of seven rounds one follows the
other, and they take turns at being first. Printed are the medians, and all is written to
FOLDER/report.json; exit 1 where ours takes more than 5 % and 2 s longer than raw, or where two
vaults together take less than 0.8 of the bytes of one in the same time. Stores, hosts and tools
share this machine's cores.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.data.conftest import open_lab

from benchmarks.data_acts import acts_of
from benchmarks.data_lab import DataLab, timed
from benchmarks.data_trials import COMPARED
from benchmarks.reports import write_report

ROUNDS: Final = 7
SHARE_OVER, SECONDS_OVER, TWO_VAULTS = 0.05, 2.0, 0.8
RAW, OURS, TWO = "raw", "ours", "two vaults"


async def measure(lab: DataLab, what: str, rounds: int) -> dict[str, list[float]]:
    """Seconds of each round, by who did it."""
    measured = acts_of(lab)[what]
    await measured.fill()
    for act in measured.before:
        await act()
    acts = {RAW: measured.raw, OURS: measured.ours}
    if measured.two_vaults is not None:
        acts[TWO] = measured.two_vaults
    seconds: dict[str, list[float]] = {who: [] for who in acts}
    for number in range(rounds):
        names = list(acts)
        turned = number % len(names)
        for who in (*names[turned:], *names[:turned]):
            for act in measured.between:
                await act()
            seconds[who].append(round(await timed(acts[who]), 2))
            print(f"{what}, round {number + 1}: {who} {seconds[who][-1]} s", file=sys.stderr)
        for act in measured.after:
            await act()
    return seconds


def figures(what: str, megabytes: int, seconds: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Medians, and whether they are as promised. Pure."""
    middle = {who: round(median(rows), 2) for who, rows in seconds.items()}
    allowed = round(middle[RAW] * (1 + SHARE_OVER) + SECONDS_OVER, 2)
    broken = []
    if middle[OURS] > allowed:
        broken.append(f"{what}: {middle[OURS]} s, {allowed} s allowed")
    told: dict[str, Any] = {"allowed": allowed}
    if TWO in middle:
        told["two_vaults_of_one"] = round(2 * middle[OURS] / middle[TWO], 2)
        if told["two_vaults_of_one"] < TWO_VAULTS:
            broken.append(f"{what}: two vaults take {told['two_vaults_of_one']} of one's bytes")
    return {
        "what": what,
        "megabytes": megabytes,
        "rounds": len(seconds[RAW]),
        "median_seconds": middle,
        **told,
        "seconds": {who: list(rows) for who, rows in seconds.items()},
        "broken": broken,
    }


def table(found: Mapping[str, Any]) -> str:
    """For a person. Pure."""
    rows = [f"{found['what']}, {found['megabytes']} MiB, {found['rounds']} rounds, median seconds:"]
    rows += [f"  {who:12} {took:8.2f}" for who, took in found["median_seconds"].items()]
    rows.append(f"  {'allowed':12} {found['allowed']:8.2f}")
    if "two_vaults_of_one" in found:
        rows.append(
            f"  bytes in a second into two vaults, of those into one: {found['two_vaults_of_one']}"
        )
    return "\n".join([*rows, *found["broken"]])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=COMPARED)
    parser.add_argument("--megabytes", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--report", type=Path, help="a folder for report.json")
    asked = parser.parse_args()
    with open_lab(("one", "two"), second=True) as opened:
        lab = DataLab(opened, asked.megabytes)
        seconds = asyncio.run(measure(lab, asked.what, asked.rounds))
    found = {**figures(asked.what, asked.megabytes, seconds), "load": os.getloadavg()}
    write_report(asked.report, found)
    print(table(found))
    return 1 if found["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
