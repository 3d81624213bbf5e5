"""`python -m benchmarks.takeover`: a site that an earlier version deployed is taken over by this
one, with its state, its vault and its hosts.

The earlier liferaft, in a clone of its own, builds the standby's image, deploys and takes a
recovery point, with the application's folder as it was then. Users are at work. Then this version
is given the same folder: its failover has to keep what users were promised, and a deploy of what it
made has to go on from there. Exits 0 if all of it is so; FOLDER/report.json says what was seen.

What versions before RESTORABLE kept of buckets cannot be restored, as CHANGELOG.md says: a site of
theirs is taken over with `--deployed-anew`, while it stands.
"""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from benchmarks.earlier import Earlier, installed
from benchmarks.parts import RESTORABLE, ROOT, say
from benchmarks.reports import write_report
from liferaft_sandbox.lab.systems import SYSTEMS
from liferaft_sandbox.rehearsal.operator import Operator
from liferaft_sandbox.rehearsal.play import play
from liferaft_sandbox.rehearsal.scene import USUAL, Scene, set_scene
from liferaft_sandbox.rehearsal.screen import show
from liferaft_sandbox.rehearsal.stage import Stage, make_ready
from liferaft_sandbox.rehearsal.stories import STANDBY, Act, Chapter, Story, snapshot
from liferaft_sandbox.rehearsal.verdict import report
from liferaft_sandbox.sandboxes import bring_up, take_down
from liferaft_sandbox.state import cache_folder, state_of

IMAGE: Final = ROOT / "build/chirp.oci.tar"
THIS: Final = (sys.executable, "-m", "liferaft_cli")
TTL: Final = 15
"""Seconds. It is about versions, not about caches."""


def deploy_with(operator: Operator) -> Act:
    """This version deploys the site that the earlier one made, and keeps all of its data anew,
    while users are at work."""

    def act(stage: Stage, site: str) -> None:  # noqa: ARG001 - every act is told its stage
        operator.run("deploy", site, "--yes")
        operator.run("snapshot", "--yes")

    return act


def go_on(operator: Operator, site: str) -> dict[str, Any]:
    """What is done any other day at the site that took over. `changed_by_a_deploy`: the steps that
    a deploy had to do there; `broken`: what was not as it has to be."""
    changed = operator.ask("deploy", site, "--yes")["changed"]
    again = operator.ask("deploy", site, "--yes")["changed"]
    operator.run("snapshot", "--yes")
    standing = operator.ask("status")
    broken = [f"a second deploy changed {', '.join(again)}"] if again else []
    if standing["site"] != site:
        broken.append(f"{standing['site']} reigns")
    return {"changed_by_a_deploy": changed, "afterwards": broken}


def trial(earlier: Earlier, folder: Path, seed: int, *, deployed_anew: bool) -> dict[str, Any]:
    """The whole of it, in a sandbox of its own; the report."""
    scene = Scene(ttl=TTL, image=IMAGE.name, system=None)  # the earlier version knows no other
    state, system = state_of(f"takeover-{os.getpid()}"), SYSTEMS["debian-12"]
    sandbox = bring_up(state, cache=cache_folder(), say=say, dies_with=[os.getpid()], system=system)
    try:
        project = set_scene(earlier.project, IMAGE, folder, scene)
        ours = Operator(THIS, state.name, project, folder / "operator.log", say)
        theirs = replace(ours, liferaft=earlier.liferaft, door=THIS)
        stage = Stage(sandbox, theirs, folder, say, scene)
        acts = (snapshot, *([deploy_with(ours)] if deployed_anew else []))
        make_ready(stage, [USUAL.standby])
        story = Story("this version takes over", (Chapter(STANDBY, acts),))
        found = report(play(stage, seed, story, successor=ours))
        found |= go_on(ours, USUAL.standby)
    finally:
        take_down(state)
    found["succeeded"] = found["succeeded"] and not found["afterwards"]
    ways = {"old": earlier.commit, "deployed_anew": deployed_anew}
    return {**ways, "from": USUAL.primary, "to": USUAL.standby, **found}


def main() -> int:
    """0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.takeover")
    parser.add_argument("--old", default=RESTORABLE, help="the commit whose site is taken over")
    parser.add_argument("--deployed-anew", action="store_true", help="by this version, before")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--report", type=Path, required=True)
    asked = parser.parse_args()
    folder: Path = asked.report.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    earlier = installed(ROOT, asked.old, ROOT / "build/earlier")
    found = trial(earlier, folder, asked.seed, deployed_anew=asked.deployed_anew)
    write_report(folder, found)
    show(found)
    say(f"afterwards: {'; '.join(found['afterwards']) or 'as it has to be'}")
    return 0 if found["succeeded"] else 1


if __name__ == "__main__":
    sys.exit(main())
