"""`python -m benchmarks.drills`: drills that are killed at any moment, and one at each cloud.

Users work at the site that reigns all the while. Drills of standbys are killed at random moments,
by SIGKILL to all of the command; every second time all that the operator's machine knew is gone as
well, its folder of the application included. After `drill --clean` no cloud may hold anything of a
drill, and each version of each object in the vaults has to be what it was, but for what servers
bring by themselves and what drills note. At the end a drill is played whole at each cloud, that of
the site which reigns included.

FOLDER/report.json has the figures, and beside it lies the report of the last drill; exit 1 where
something is left, changed or missed.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.drill_lab import DrillLab, answered, drill_lab
from benchmarks.parts import say
from benchmarks.reports import write_report
from liferaft_sandbox.rehearsal.scene import CLOUD_OF
from liferaft_sandbox.users.records import Answer, answers_in

KILLED: Final = 20
MOMENTS: Final = (1.0, 20.0)
"""Seconds from the command to its end by force: a drill takes less than the longest."""
STANDBYS: Final = ("hetzner", "gcp")


def killed(lab: DrillLab, *, forgets: bool) -> tuple[DrillLab, Any]:
    """One drill, ended by force; the operator who comes then, and what was left. forgets: whether
    that one has nothing of the former's place."""
    standby, after = lab.draw.choice(STANDBYS), lab.draw.uniform(*MOMENTS)
    say(f"$ liferaft drill {standby}, killed after {after:.1f} s")
    began = time.monotonic()
    drill = lab.desk.start("drill", standby, "--yes")
    time.sleep(after)
    was_over = drill.process.poll() is not None
    if not was_over:
        drill.kill()
    if forgets:
        lab = lab.without_the_operators_place()
    cleaned, said = lab.desk.run("drill", "--clean", "--yes", "--json")
    told = lab.desk.run("status")[1]
    end: dict[str, Any] = {
        "standby": standby,
        "after": round(after, 1),
        "was_over": was_over,
        "forgotten": forgets,
        "seconds": round(time.monotonic() - began, 1),
        "broken": [f"left: {one}" for one in lab.left()],
    }
    if cleaned:
        end["broken"] += [f"drill --clean ended with {cleaned}: {said[-500:]}"]
    else:
        end["deleted"] = len(answered(said)["deleted"])
    if "did not end" in told:
        end["broken"] += [f"status still tells of it: {told[-500:]}"]
    return lab, end


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Which objects of a vault have other versions than before, or came, or went."""
    for vault, keys in after.items():
        for key in sorted(keys.keys() | before[vault].keys()):
            if keys.get(key) != before[vault].get(key):
                yield f"{key} in vault {vault}"


def regrets(answers: Sequence[Answer]) -> Iterator[str]:
    """How many answers were not what users asked for, and the first of each reason."""
    failed = [one for one in answers if not one.is_good]
    if failed or not answers:
        yield f"of {len(answers)} answers that users had {len(failed)} were not good"
    for error, count in Counter(map(_error_of, failed)).items():
        first = next(one for one in failed if _error_of(one) == error)
        at, took = first.start - answers[0].start, first.end - first.start
        where = f"{first.kind} {first.path} of {first.user} {at:.0f} s from the beginning"
        yield f"{count} times {error}, first after {took:.1f} s to {where}"


def _error_of(answer: Answer) -> str:
    return str(answer.error or "the holding page").partition(" to host ")[0]


def whole(lab: DrillLab, site: str) -> dict[str, Any]:
    """One drill from beginning to end."""
    say(f"$ liferaft drill {site}")
    began = time.monotonic()
    code, said = lab.desk.run("drill", site, "--yes", "--json")
    say(said)
    if code:
        return {"site": site, "broken": [f"drill {site} ended with {code}: {said[-800:]}"]}
    told, seconds = answered(said), round(time.monotonic() - began, 1)
    figures = {"rto": told["rto_seconds"], "rpo": told["rpo_seconds"], "seconds": seconds}
    return {"site": site, **figures, "broken": [f"left: {one}" for one in lab.left()]}


def play(lab: DrillLab, asked: argparse.Namespace) -> dict[str, Any]:
    """All of it, and what it came to."""
    lab.must("deploy", "aws-east", "--yes")
    lab.must("snapshot", "--yes")
    before = lab.listed()
    ends, broken = list[dict[str, Any]](), list[str]()
    users = lab.users
    with users.at_work(asked.seed, users=4):
        for number in range(asked.times):
            lab, end = killed(lab, forgets=bool(number % 2))
            ends.append(end)
            say(f"killed, {number + 1}: {json.dumps(end)}")
        wholes = [whole(lab, site) for site in asked.sites]
        say(f"whole: {json.dumps(wholes)}")
    broken += [f"not what it was: {what}" for what in changed(before, lab.listed())]
    if still := answered(lab.must("drill", "--clean", "--yes", "--json"))["deleted"]:
        broken.append(f"clouds held of drills at the end: {still}")
    answers = answers_in(users.folder)
    broken += regrets(answers)
    broken += [words for one in (*ends, *wholes) for words in one["broken"]]
    if asked.report is not None and wholes:
        lab.desk.run("report", "export", "--to", str(asked.report.resolve()))
    return {
        "seed": asked.seed,
        "killed": len(ends),
        "killed_before_their_end": sum(not one["was_over"] for one in ends),
        "with_the_operators_place": sum(one["forgotten"] for one in ends),
        "things_cleaned_up": sum(one.get("deleted", 0) for one in ends),
        "whole": wholes,
        "users_answers": len(answers),
        "users_answers_not_good": sum(not one.is_good for one in answers),
        "ends": ends,
        "broken": broken,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when nothing was left, changed or missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, default=KILLED)
    parser.add_argument("--sites", nargs="*", default=list(CLOUD_OF), choices=list(CLOUD_OF))
    parser.add_argument("--report", type=Path, help="a folder for report.json")
    asked = parser.parse_args(arguments)
    with drill_lab("drills", asked.seed) as lab:
        found = play(lab, asked)
    write_report(asked.report, found)
    print(json.dumps({name: of for name, of in found.items() if name != "ends"}, indent=2))
    return 1 if found["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
