"""`python -m benchmarks.broken_drills`: drills that must not succeed, or that must give way.

One application, deployed once, whose code calls outside where nothing says so. A drill names what
is hidden; meanwhile a second one is refused. Then its recovery point is broken in every way there
is (`benchmarks.damage.broken_points`), one after the other: each drill ends with 9, says what is
broken, deletes all that it made, and changes nothing in a vault. Last the cloud of the site that
reigns ends its account: a drill leaves every version of every object in the vaults as it was, the
archive included, and another one gives way to the failover, which uses nothing of it.

FOLDER/report.json has the figures; exit 1 where something is not so.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.rehearsal.planted import not_told, plant

from benchmarks.damage.broken_points import ALLOWED, BROKEN_POINTS, SITE, BrokenPoint
from benchmarks.drill_lab import SCRIPTS, DrillLab, drill_lab
from benchmarks.parts import say
from benchmarks.reports import write_report
from liferaft_sandbox.rehearsal.scene import CLOUD_OF

STANDBY: Final = "hetzner"
UNPROVEN, HELD = 9, 5
WRITTEN: Final = 20
LAST_CHARACTERS: Final = 3000


def planted(folder: Path) -> None:
    """The application as it is tried: it calls outside, and its migration needs a list."""
    plant(folder, starts="migrating")
    toml = folder / "liferaft.toml"
    toml.write_text(f"{toml.read_text()}\n[drill]\n{ALLOWED}\n")


@dataclass
class Trial:
    """Plays drills, and keeps what was not as it has to be."""

    lab: DrillLab
    rows: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def require(self, kept: bool, what: str, said: str = "") -> None:
        if not kept:
            self.wrong.append(f"{what}: {said[-LAST_CHARACTERS:]}" if said else what)
            say(f"  WRONG: {self.wrong[-1]}")

    def drill(self, what: str, *, whole: bool = False) -> tuple[int, str]:
        """One drill to its end: nothing of it is left at its cloud or in a vault."""
        before, began = self.lab.listed(whole=whole), time.monotonic()
        say(f"$ liferaft drill {STANDBY} ({what})")
        code, said = self.lab.desk.run("drill", STANDBY, "--yes")
        seconds = round(time.monotonic() - began, 1)
        say(f"  ended with {code} in {seconds} s:\n{said[-LAST_CHARACTERS:]}")
        self.rows.append({"what": what, "code": code, "seconds": seconds, "said": _end(said)})
        self.require(self.lab.listed(whole=whole) == before, f"{what}: a vault is not what it was")
        self.require_nothing_left(what)
        self.require("Traceback" not in said, f"{what}: a defect", said)
        return code, said

    def require_nothing_left(self, what: str) -> None:
        left = [*self.lab.left()]
        found = self.lab.desk.script(SCRIPTS / "listed_of_drills.py")
        left += [f"{kind} {name}" for kind, names in found.items() for name in names]
        self.require(not left, f"{what}: left are {left}")


def _end(said: str) -> list[str]:
    """The lines of the failure or of the verdict, and what was told of hidden dependencies."""
    return [line for line in said.splitlines() if " s  " not in line][-20:]


def hidden_and_second(trial: Trial) -> None:
    """One drill names what is hidden, while another is refused."""
    lab = trial.lab
    before, began = lab.listed(), time.monotonic()
    first = lab.desk.start("drill", STANDBY, "--yes")
    first.until("Start servers", "begins")
    code, said = lab.desk.run("drill", "gcp", "--yes")
    trial.require(code == HELD and "drill of hetzner" in said, f"a second drill: {code}", said)
    code = first.ended()
    seconds = round(time.monotonic() - began, 1)
    trial.rows.append({"what": "whole", "code": code, "seconds": seconds, "said": _end(first.said)})
    trial.require(code == 0, "a drill of what is whole", first.said)
    trial.require(not not_told(first.said), f"not told: {not_told(first.said)}", first.said)
    trial.require(lab.listed() == before, "a vault is not what it was")
    trial.require_nothing_left("two at once")


def broken(trial: Trial, point: BrokenPoint) -> None:
    """A drill of a point that is broken in one way."""
    with point.breaking(trial.lab):
        code, said = trial.drill(point.name)
    trial.require(code == UNPROVEN, f"{point.name} ended with {code}", said)
    told = said[said.rfind(f"A failover to {STANDBY} would not have worked") :]
    trial.require("would not have worked" in told, f"{point.name}: no verdict", said)
    lacking = [word for word in point.words if word not in told]
    trial.require(not lacking, f"{point.name}: not told: {lacking}", said)


def after_the_end(trial: Trial) -> None:
    """The site that reigns is gone: a drill changes nothing at all, and one gives way."""
    lab = trial.lab
    lab.sandbox.supervisor.terminate(CLOUD_OF[SITE])
    # What was written last grows older from now on.
    toml = lab.desk.folder / "liferaft.toml"
    toml.write_text(toml.read_text().replace('rpo = "30s"', 'rpo = "15m"'))
    code, said = trial.drill("once the site that reigns is gone", whole=True)
    trial.require(code == 0, "a drill once the site that reigns is gone", said)
    drill = lab.desk.start("drill", STANDBY, "--yes")
    drill.until("Start servers", "done")
    began = time.monotonic()
    lab.must("failover", STANDBY, "--yes")
    seconds = round(time.monotonic() - began, 1)
    code = drill.ended()
    trial.rows.append({"what": "beside a failover", "code": code, "said": _end(drill.said)})
    trial.rows.append({"what": "failover beside a drill", "code": 0, "seconds": seconds})
    trial.require(code == HELD and "gives way" in drill.said, f"no way given: {code}", drill.said)
    trial.require_nothing_left("beside a failover")
    standing = lab.desk.status()
    trial.require(standing["site"] == STANDBY, f"{standing['site']} reigns")
    survival = lab.users.read_back(seconds=60.0)
    trial.require(
        survival["acknowledged"] == survival["survived"] >= WRITTEN, f"survived: {survival}"
    )


def play(lab: DrillLab, only: Sequence[str]) -> dict[str, Any]:
    """All of it, and what it came to. only: names of broken points; all without."""
    trial, began = Trial(lab), time.monotonic()
    lab.must("deploy", SITE, "--yes")
    with lab.users.at_work(lab.draw.randrange(2**31), users=4):
        lab.users.await_writes(count=WRITTEN, seconds=300.0)
    lab.must("snapshot", "--yes")
    hidden_and_second(trial)
    for point in BROKEN_POINTS:
        if not only or point.name in only:
            broken(trial, point)
    after_the_end(trial)
    return {
        "drills": len(trial.rows) - 1,
        "seconds": round(time.monotonic() - began, 1),
        "wrong": trial.wrong,
        "rows": trial.rows,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when all of it was as it has to be."""
    names = [point.name for point in BROKEN_POINTS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.broken_drills")
    parser.add_argument("--only", nargs="*", default=[], choices=names)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", type=Path, help="a folder for report.json")
    asked = parser.parse_args(arguments)
    with drill_lab("broken-drills", asked.seed, planted) as lab:
        found = play(lab, asked.only)
    write_report(asked.report, found)
    print(json.dumps({name: of for name, of in found.items() if name != "rows"}, indent=2))
    return 1 if found["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
