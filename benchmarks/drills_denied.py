"""`python -m benchmarks.drills_denied`: drills with vendors missing, and one at rented machines.

The application is deployed at one cloud, and nothing ends there. Drills are played without either
vault, without the mirror, without the authority and by surprise; without both vaults; and at rented
machines, twice, and once more where the standby has set one of them aside. Each time it is looked
at what the command said, at what servers were denied, and at what is left.

FOLDER/report.json has the figures; exit 1 where something was not as it should be.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.drill_lab import SCRIPTS, DrillLab, answered, drill_lab
from benchmarks.parts import say
from benchmarks.reports import write_report

UNPROVEN, HELD, BAD_INPUT = 9, 5, 3
MISSING: Final = "its vendor is missing in this drill"


def drilled(lab: DrillLab, *words: str, code: int = 0, says: Sequence[str] = ()) -> dict[str, Any]:
    """One drill: how it ended, and what of that was not as it should be."""
    say(f"$ liferaft drill {' '.join(words)}")
    ended, said = lab.desk.run("drill", *words, "--yes", "--json")
    say(said)
    broken = [] if ended == code else [f"it ended with {ended}, not {code}: {said[-800:]}"]
    broken += [f"it did not say {one!r}" for one in says if one not in said]
    row: dict[str, Any] = {"drill": " ".join(words), "code": ended, "broken": broken}
    if not ended:
        told = answered(said)
        row |= {"rto": told["rto_seconds"], "without": told["without"], "seed": told["seed"]}
        row["denied"] = missed_by(lab, told["run"])
        if told["hidden_dependencies"]:
            row["broken"].append(f"hidden dependencies: {told['hidden_dependencies']}")
    return row


def missed_by(lab: DrillLab, run: str) -> list[str]:
    """Who asked missing vendors for something, by the drill's report."""
    rows = answered(lab.must("report", "show", run, "--json"))["denied"]
    return sorted({f"{one['by']}: {one['name']}" for one in rows if one["known"] == MISSING})


def play(lab: DrillLab) -> Iterator[dict[str, Any]]:
    """All of it, drill by drill."""
    lab.must("deploy", "aws-east", "--yes")
    lab.must("snapshot", "--yes")
    yield planned(lab)
    yield drilled(lab, "hetzner")
    for vault in ("main", "depot"):
        row = drilled(lab, "hetzner", "--deny", vault)
        if not row["denied"]:
            row["broken"].append(f"no server was seen to ask vault {vault} in vain")
        yield row
    nothing = "without main and depot would not have worked, nor even begun"
    both = ("--deny", "main", "--deny", "depot")
    yield drilled(lab, "hetzner", *both, code=UNPROVEN, says=(nothing,))
    yield drilled(lab, "hetzner", "--deny", "mirror", "--deny", "ca")
    yield drilled(
        lab, "hetzner", "--surprise", "--seed", "1", says=("Missing is: depot (seed 1).",)
    )
    known = "main, depot"
    yield drilled(lab, "hetzner", "--deny", "mars", code=BAD_INPUT, says=(known,))
    for _ in range(2):  # the second one finds the machines wiped
        yield drilled(lab, "--at", "ssh")
    lab.must("deploy", "colo", "--yes")
    free = "needs 2 machines that nobody holds, and 1 of 2 are free"
    yield drilled(lab, "--at", "colo", code=HELD, says=(free,))
    yield trends_of(lab)
    yield left(lab)


def planned(lab: DrillLab) -> dict[str, Any]:
    """A plan for each standby, and nothing made by it."""
    say("$ liferaft drill --plan")
    code, said = lab.desk.run("drill", "--plan", "--json")
    told = answered(said)
    troubles = [f"{one['site']}: {one['trouble']}" for one in told["drills"] if one["trouble"]]
    broken = [f"no plan: {one}" for one in troubles]
    broken += [] if code in (0, 10) else [f"it ended with {code}"]
    broken += [] if len(told["drills"]) == len(told["standbys"]) else ["a standby has none"]
    rows = [{name: one.get(name) for name in ("site", "hourly", "hours")} for one in told["drills"]]
    return {"drill": "--plan", "code": code, "plans": rows, "broken": broken}


def trends_of(lab: DrillLab) -> dict[str, Any]:
    """The usual drill of hetzner alone counts for its trend."""
    trends = answered(lab.must("drill", "list", "--json"))["trends"]
    found = {one["site"]: one for one in trends}
    told = {name: found["hetzner"][name] for name in ("drills", "with_missing")}
    broken = [] if told == {"drills": 1, "with_missing": 4} else [f"trend of hetzner: {told}"]
    return {"drill": "list", **told, "broken": broken}


def left(lab: DrillLab) -> dict[str, Any]:
    """What is there of drills, by the account's own word and by the sandbox's."""
    kinds = lab.desk.script(SCRIPTS / "listed_of_drills.py")
    broken = [f"left at hetzner: {kind} {names}" for kind, names in kinds.items() if names]
    broken += [f"left at {one}" for one in lab.left()]
    code, said = lab.desk.run("drill", "--clean", "--yes", "--json")
    broken += [] if code == 0 and not answered(said)["deleted"] else [f"left: {said}"]
    return {"drill": "--clean", "broken": broken}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drills_denied")
    parser.add_argument("--seed", type=int, default=1, help="nothing of it is random but names")
    parser.add_argument("--report", type=Path, help="a folder for report.json")
    asked = parser.parse_args()
    rows = []
    with drill_lab("denied", asked.seed) as lab:
        for row in play(lab):
            say(json.dumps(row))
            rows.append(row)
    found = {"drills": rows, "broken": [words for row in rows for words in row["broken"]]}
    write_report(asked.report, found)
    print(json.dumps(found, indent=2))
    return 1 if found["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
