"""`python -m benchmarks.drills`: drills that are killed at any moment, and one at each cloud.

Users work at the site that reigns all the while. Drills of standbys are killed at random moments,
by SIGKILL to all of the command; every second time all that the operator's machine knew of it is
gone as well. After `drill --clean` no cloud may hold anything of a drill, and each version of each
object in the vaults has to be what it was, but for what servers bring by themselves and what drills
note. At the end a drill is played whole at each cloud, that of the site which reigns included.

FOLDER/report.json has the figures, and beside it lies the report of the last drill; exit 1 where
something is left, changed or missed.
"""

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.rehearsal.desk import Desk

from benchmarks.parts import ROOT, say
from benchmarks.reports import write_report
from liferaft_sandbox.rehearsal.scene import CLOUD_OF, Scene, set_scene
from liferaft_sandbox.sandboxes import Sandbox, bring_up, take_down
from liferaft_sandbox.state import cache_folder, state_of
from liferaft_sandbox.users.records import answers_in

PROJECT: Final = ROOT / "stacks/liferaft_stacks/microblog"
IMAGE: Final = ROOT / "build/chirp.oci.tar"
SCRIPTS: Final = ROOT / "tests/rehearsal/scripts"
KILLED: Final = 10
MOMENTS: Final = (1.0, 20.0)
"""Seconds from the command to its end by force: a drill takes less than the longest."""
STANDBYS: Final = ("hetzner", "gcp")
NAME: Final = f"drills-{os.getpid()}"


def killed(desk: Desk, chance: random.Random, *, forgets: bool) -> dict[str, Any]:
    """One drill, ended by force; what was left, and what after the clean-up."""
    standby, after = chance.choice(STANDBYS), chance.uniform(*MOMENTS)
    say(f"$ liferaft drill {standby}, killed after {after:.1f} s")
    drill = desk.start("drill", standby, "--yes")
    time.sleep(after)
    was_over = drill.process.poll() is not None
    if not was_over:
        drill.kill()
    if forgets:
        shutil.rmtree(desk.state, ignore_errors=True)
    cleaned, said = desk.run("drill", "--clean", "--yes", "--json")
    again, _ = desk.run("drill", "--clean", "--yes", "--json")
    broken = []
    if cleaned or again:
        broken.append(f"drill --clean ended with {cleaned} and {again}: {said[-500:]}")
        return {"standby": standby, "after": round(after, 1), "broken": broken}
    found = answered(said)
    return {
        "standby": standby,
        "after": round(after, 1),
        "was_over": was_over,
        "forgotten": forgets,
        "deleted": len(found["deleted"]),
        "broken": broken,
    }


def answered(said: str) -> dict[str, Any]:
    """The JSON among all that a command said."""
    found: dict[str, Any] = json.JSONDecoder().raw_decode(said, said.index("{\n"))[0]
    return found


def left(sandbox: Sandbox) -> list[str]:
    """Machines of drills that run at any cloud, by the sandbox's own word."""
    return [
        f"{cloud}: {name}"
        for cloud in sorted(set(CLOUD_OF.values()) - {"colo"})
        for name in sandbox.supervisor.states(cloud)
        if "drill" in name
    ]


def whole(desk: Desk, site: str) -> dict[str, Any]:
    """One drill from beginning to end."""
    say(f"$ liferaft drill {site}")
    code, said = desk.run("drill", site, "--yes", "--json")
    say(said)
    if code:
        return {"site": site, "broken": [f"drill {site} ended with {code}: {said[-800:]}"]}
    told = answered(said)
    return {"site": site, "rto": told["rto_seconds"], "rpo": told["rpo_seconds"], "broken": []}


def play(
    desk: Desk, sandbox: Sandbox, seed: int, times: int, sites: Sequence[str]
) -> dict[str, Any]:
    """All of it, and what it came to."""
    chance = random.Random(seed)  # noqa: S311 - a moment, no secret
    for words in (("deploy", "aws-east"), ("snapshot",)):
        say(f"$ liferaft {' '.join(words)}")
        code, said = desk.run(*words, "--yes")
        assert code == 0, said
    before = desk.script(SCRIPTS / "listed_in_vaults.py")
    ends, broken = list[dict[str, Any]](), list[str]()
    users = desk.users(sandbox)
    with users.at_work(seed, users=4):
        for number in range(times):
            ends.append(killed(desk, chance, forgets=bool(number % 2)))
            ends[-1]["broken"] += [f"left: {one}" for one in left(sandbox)]
            say(f"killed, {number + 1}: {json.dumps(ends[-1])}")
        wholes = [whole(desk, site) for site in sites]
        say(f"whole: {json.dumps(wholes)}")
    if desk.script(SCRIPTS / "listed_in_vaults.py") != before:
        broken.append("something in a vault is not what it was")
    answers = answers_in(users.folder)
    failed = [one for one in answers if not one.is_good]
    if failed or not answers:
        broken.append(f"of {len(answers)} answers that users had {len(failed)} were not good")
    broken += [words for one in (*ends, *wholes) for words in one["broken"]]
    return {
        "seed": seed,
        "killed": len(ends),
        "killed_before_their_end": sum(not one.get("was_over", False) for one in ends),
        "things_cleaned_up": sum(one.get("deleted", 0) for one in ends),
        "whole": wholes,
        "users_answers": len(answers),
        "users_answers_not_good": len(failed),
        "ends": ends,
        "broken": broken,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, default=KILLED)
    parser.add_argument("--sites", nargs="*", default=list(CLOUD_OF), choices=list(CLOUD_OF))
    parser.add_argument("--report", type=Path, help="a folder for report.json")
    asked = parser.parse_args()
    state = state_of(NAME)
    sandbox = bring_up(state, cache=cache_folder(), say=say, dies_with=[os.getpid()], equipped=True)
    try:
        with tempfile.TemporaryDirectory() as work:
            folder = set_scene(PROJECT, IMAGE, Path(work), Scene(ttl=15))
            desk = Desk(sandbox.state.name, folder, Path(work) / "state")
            found = play(desk, sandbox, asked.seed, asked.times, asked.sites)
            if asked.report is not None:
                desk.run("report", "export", "--to", str(asked.report.resolve()))
    finally:
        take_down(state)
    write_report(asked.report, found)
    print(json.dumps({name: of for name, of in found.items() if name != "ends"}, indent=2))
    return 1 if found["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
