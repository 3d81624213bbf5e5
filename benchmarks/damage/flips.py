"""`python -m benchmarks.damage.flips`: one flipped byte in each kind of object of a vault.

Real vaults of a site that was deployed, used, backed up and dropped. In turn, one object of each
kind is damaged, in every vault that has it; `status`, `plan failover` and `failover` have to name
it before anything serves.
Last, everything is damaged at once that a failover can make anew, and it has to bring the
application back. Exits 0 if all of it is so; FOLDER/report.json says what was seen.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from benchmarks.damage.vault_objects import SEGMENT, VaultObjects
from benchmarks.vault_kinds import KINDS, Fate, Kind, kind_of
from liferaft_sandbox.failures import NotReadyInTime
from liferaft_sandbox.rehearsal.operator import Operator
from liferaft_sandbox.rehearsal.scene import CLOUD_OF, USUAL, Scene, set_scene
from liferaft_sandbox.rehearsal.stage import Stage, make_ready
from liferaft_sandbox.sandboxes import bring_up, take_down
from liferaft_sandbox.state import cache_folder, state_of

ROOT = Path(__file__).parent.parent.parent
PROJECT = ROOT / "stacks/liferaft_stacks/microblog"
IMAGE = ROOT / "build/chirp.oci.tar"
LIFERAFT = (sys.executable, "-m", "liferaft_cli")
COMMAND_SECONDS = 900.0
STANDBY = USUAL.standby
LOOKING = (("status",), ("plan", "failover", STANDBY), ("failover", STANDBY))
"""None of these changes anything: they are given at one time."""
DECLINED, BUG = 8, 70
USED_BY_STEPS = {
    "bundle of a backup": ("--point",),
    "segment of WAL": ("Put the object back",),
    "image": ("app.images",),
}
"""Kinds that a step of the failover finds damaged, and what its way out names."""
STOPPED = {1, 4}
"""Exit codes of a command that says why it does not go on."""


@dataclass(frozen=True)
class Said:
    """What one command came to."""

    code: int
    text: str
    seconds: float


@dataclass
class Trial:
    """Damages objects, gives commands, and keeps what was not as it has to be."""

    stage: Stage
    draw: random.Random
    wrong: list[str] = field(default_factory=list)
    commands: Counter[str] = field(default_factory=Counter)
    rows: list[Mapping[str, object]] = field(default_factory=list)

    def give(self, *words: str) -> Said:
        """One command of the operator, who answers nothing when asked."""
        began = time.monotonic()
        operator = self.stage.operator
        ran = subprocess.run(
            operator.argv("operator", *LIFERAFT, *words),
            cwd=operator.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        said = Said(ran.returncode, ran.stdout + ran.stderr, round(time.monotonic() - began, 1))
        with operator.log.open("a") as log:
            log.write(f"$ {' '.join(words)}\n{said.text}ended with {said.code}\n")
        self.commands[" ".join(words)] += 1
        self.require(said.code != BUG and "Traceback" not in said.text, "ends as a defect", said)
        return said

    def require(self, kept: bool, what: str, said: Said | None = None) -> None:
        if not kept:
            self.wrong.append(what if said is None else f"{what}: {said.code} {said.text[-1500:]}")
            self.stage.say(f"  WRONG: {self.wrong[-1]}")

    @cached_property
    def vaults(self) -> VaultObjects:
        operator, bucket = self.stage.operator, self.stage.scene.vault_bucket
        enter = partial(operator.argv, "operator")
        return VaultObjects(enter, operator.folder, bucket, self.draw)


def chosen(kind: Kind, keys: list[str]) -> str | None:
    """The object of this kind that a failover to the standby uses; any one where it uses none."""
    ours = sorted(key for key in keys if kind_of(key) == kind)
    of_standby = [key for key in ours if f"/{STANDBY}" in key]
    found = of_standby or ours
    return found[-1] if found else None


def known(trial: Trial, keys: list[str]) -> Iterator[str]:
    """Those of a kind that somebody has thought of; the others are what is wrong."""
    for key in keys:
        try:
            kind_of(key)
        except LookupError as unknown:
            trial.require(False, str(unknown))
        else:
            yield key


def looked_at(trial: Trial, kind: Kind, key: str) -> None:
    """One damaged object, through the three commands; the last one is not agreed to."""
    fate = kind.fate
    if kind.name in {"host key", "name of a bucket"} and f"/{STANDBY}/" not in key:
        fate = Fate.UNUSED  # of what is gone with its cloud
    with trial.vaults.flipped(key), ThreadPoolExecutor() as desks:
        status, plan, failover = desks.map(lambda words: trial.give(*words), LOOKING)
    named = [key.removeprefix("state/") in said.text for said in (status, plan, failover)]
    trial.rows.append(
        {
            "kind": kind.name,
            "key": key,
            "fate": fate.name,
            "named_by_status_plan_failover": named,
            "codes": [status.code, plan.code, failover.code],
            "seconds": [status.seconds, plan.seconds, failover.seconds],
        }
    )
    trial.stage.say(f"  {kind.name}: {trial.rows[-1]}")
    if fate is Fate.STOPS:
        trial.require(plan.code in STOPPED and named[1], f"{kind.name}: plan", plan)
        trial.require(failover.code in STOPPED and named[2], f"{kind.name}: failover", failover)
    else:
        trial.require(plan.code == 0, f"{kind.name}: plan", plan)
        trial.require(failover.code == DECLINED, f"{kind.name}: failover", failover)
    if fate is Fate.ANEW:
        trial.require(named[1] and named[2], f"{kind.name}: not named", plan)


def found_in_time(trial: Trial, key: str, *words: str) -> None:
    """A failover that is run finds it, says so with these words and where it lies, and nothing
    reigns that did not before."""
    words = (*words, key.partition("/bundle/")[0])
    with trial.vaults.flipped(key):
        said = trial.give("failover", STANDBY, "--yes")
    named = all(word in said.text for word in words)
    trial.rows.append({"kind": kind_of(key).name, "key": key, "run": said.code, "named": named})
    trial.stage.say(f"  {trial.rows[-1]} in {said.seconds} s")
    trial.require(said.code in STOPPED and named, f"{key}: not found in time", said)
    standing = json.loads(trial.give("status", "--json").text)
    trial.require(standing["site"] == USUAL.primary, f"{key}: {standing['site']} reigns")


def play(trial: Trial) -> None:
    """All of it, in the order in which one site can live through it."""
    stage, archive = trial.stage, trial.stage.operator.folder / trial.stage.scene.image
    deployed_and_dropped(trial)
    keys = trial.vaults.keys()
    keys = list(known(trial, keys))
    cases = {kind: key for kind in KINDS if (key := chosen(kind, keys)) is not None}
    cases[SEGMENT] = trial.vaults.needed_segment()
    away = archive.rename(archive.with_suffix(".away"))
    for kind, key in cases.items():
        if kind.name == "image":  # large: the failover itself leaves it to the server
            with trial.vaults.flipped(key):
                plan = trial.give("plan", "failover", STANDBY)
            trial.require(plan.code in STOPPED and key in plan.text, "image: plan", plan)
        else:
            looked_at(trial, kind, key)
    for kind, key in cases.items():
        if kind.name in USED_BY_STEPS:
            found_in_time(trial, key, *USED_BY_STEPS[kind.name])
            # What was restored before the damage was met would hide the next one.
            stage.operator.run("destroy", STANDBY, "--servers", "--yes")
    away.rename(archive)
    whatever = (Fate.ANEW, Fate.UNUSED)
    anew = [key for kind, key in cases.items() if kind.fate in whatever or kind.name == "image"]
    for key in anew:
        if not kind_of(key).name.startswith("second"):  # of two notes one has to be whole
            trial.vaults.flip(key)
    said = trial.give("failover", STANDBY, "--yes")
    trial.require(said.code == 0, "a failover past all that can be made anew", said)
    standing = json.loads(trial.give("status", "--json").text)
    trial.require(standing["site"] == STANDBY, f"{standing['site']} reigns")
    stage.say(f"  past {len(anew)} damaged objects in {said.seconds} s")


def deployed_and_dropped(trial: Trial) -> None:
    stage = trial.stage
    make_ready(stage, [STANDBY])
    stage.operator.run("deploy", USUAL.primary, "--yes")
    stage.operator.run("deploy", STANDBY, "--yes")
    seed, spread = trial.draw.randrange(2**31), stage.spread_seconds
    with stage.users.at_work(seed, spread=spread, slow_line=True):
        with suppress(NotReadyInTime):  # a busy machine: fewer objects in the bucket will do
            stage.users.await_writes()
        stage.operator.run("snapshot", "--yes")
    time.sleep(1.0)  # a point's name is its second
    stage.operator.run("snapshot", "--yes")
    stage.sandbox.supervisor.terminate(CLOUD_OF[USUAL.primary])


def main() -> int:
    """0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.damage.flips")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--report", type=Path, required=True)
    asked = parser.parse_args()
    folder: Path = asked.report.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    scene, state = Scene(ttl=15, image=IMAGE.name), state_of(f"flips-{os.getpid()}")
    watched = [os.getpid()]
    sandbox = bring_up(state, cache=cache_folder(), say=_say, dies_with=watched, equipped=True)
    try:
        project = set_scene(PROJECT, IMAGE, folder, scene)
        operator = Operator(LIFERAFT, state.name, project, folder / "operator.log", _say)
        draw = random.Random(asked.seed)  # noqa: S311 - no key
        trial = Trial(Stage(sandbox, operator, folder, _say, scene), draw)
        play(trial)
    finally:
        take_down(state)
    figures = {
        "kinds": len({row["kind"] for row in trial.rows}),
        "commands": sum(trial.commands.values()),
        "wrong": trial.wrong,
        "rows": trial.rows,
    }
    (folder / "report.json").write_text(json.dumps(figures, indent=1) + "\n")
    _say(f"{figures['kinds']} kinds, {figures['commands']} commands, {len(trial.wrong)} wrong")
    return 1 if trial.wrong else 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
