"""`python -m benchmarks.stolen_key`: a site falls, and in the same minute somebody uses its keys.

Both vaults keep versions. Users are at work; the cloud drops its customer, and whoever has the
servers' keys overwrites every object in both vaults, deletes each second one, and puts an epoch of
his own beside. The failover is told the moment before that. Everything that users were promised has
to be back, but for what the archive did not have then. How long it took is told and not judged:
robbing takes its time as well. FOLDER/report.json says what was seen.
"""

import argparse
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks.parts import ROOT, say
from benchmarks.reports import write_report
from liferaft.config import load, resolve
from liferaft.data.registry import configs
from liferaft.vault.versions import LANES, Versions
from liferaft_sandbox.rehearsal.operator import Operator
from liferaft_sandbox.rehearsal.play import play
from liferaft_sandbox.rehearsal.scene import USUAL, Scene, set_scene
from liferaft_sandbox.rehearsal.screen import show
from liferaft_sandbox.rehearsal.stage import Stage, make_ready
from liferaft_sandbox.rehearsal.stories import STANDBY, Chapter, Story, snapshot
from liferaft_sandbox.rehearsal.verdict import report
from liferaft_sandbox.sandboxes import bring_up, take_down
from liferaft_sandbox.state import cache_folder, state_of

IMAGE: Final = ROOT / "build/chirp.oci.tar"
THIS: Final = (sys.executable, "-m", "liferaft_cli")
PROGRAM: Final = """
import runpy, sys
sys.path.insert(0, sys.argv.pop(1))
runpy.run_module("benchmarks.stolen_key", run_name="__main__")
"""
INSIDE: Final = (sys.executable, "-c", PROGRAM, str(ROOT))
THIEFS_EPOCH: Final = 4
A_SECOND: Final = 1.5
"""Stores tell whole seconds."""
LAST_SECONDS: Final = 5.0
"""What servers had under way when they fell has ended by then."""
TTL: Final = 15


@dataclass(frozen=True)
class RobbedOperator(Operator):
    """Between the fall and the failover somebody else was there with the same keys."""

    robbed: dict[str, Any] = field(default_factory=dict)

    def run(self, *arguments: str, exits: int = 0) -> str:
        if arguments[0] != "failover":
            return super().run(*arguments, exits=exits)
        time.sleep(LAST_SECONDS)
        moment = datetime.now(UTC)
        time.sleep(A_SECOND)
        self.say(f"*** somebody uses the keys of both vaults, from {moment:%H:%M:%S} on ***")
        began = time.monotonic()
        self.robbed.update(json.loads(inside(self, "--rob")))
        self.robbed["seconds"] = round(time.monotonic() - began, 1)
        self.say(f"  {self.robbed}")
        as_of = ("--vault-as-of", f"{moment:%Y-%m-%d %H:%M:%S}")
        plan = json.loads(super().run("plan", *arguments[:2], *as_of, "--json"))
        self.robbed["vaults"] = plan["vaults"]
        return super().run(*arguments, *as_of)


def inside(operator: Operator, what: str) -> str:
    """What this file says that is run in the operator's place, where the keys are."""
    program = Operator(INSIDE, operator.sandbox, operator.folder, operator.log, operator.say, THIS)
    return program.run(what)


def stores() -> list[Versions]:
    """Of the vaults that liferaft.toml names, here."""
    config = load(Path("liferaft.toml"), configs())
    credentials = resolve(config, os.environ)
    found = [
        Versions.of(name, vault, credentials.vaults[name], prefix=config.app.name)
        for name, vault in config.vaults.items()
    ]
    return [one for one in found if one is not None]


def keep_versions() -> None:
    """From now on."""
    for one in stores():
        one.account.client().put_bucket_versioning(
            Bucket=one.bucket, VersioningConfiguration={"Status": "Enabled"}
        )


def rob() -> dict[str, int]:
    """All that the keys allow; by vault, how many objects there were."""
    return {one.name: robbed(one) for one in stores()}


def robbed(one: Versions) -> int:
    """Raises what the store says where it does not let this happen: nothing would be shown."""
    s3 = one.account.client()
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=one.bucket, Prefix=one.below)
    keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
    beside = [f"{one.below}epoch/{THIEFS_EPOCH:08}", f"{one.below}ransom.txt"]
    with ThreadPoolExecutor(LANES) as pool:
        overwrite = partial(s3.put_object, Bucket=one.bucket, Body=b"pay")
        list(pool.map(lambda key: overwrite(Key=key), [*keys, *beside]))
        time.sleep(A_SECOND)
        delete = partial(s3.delete_object, Bucket=one.bucket)
        list(pool.map(lambda key: delete(Key=key), keys[::2]))
    return len(keys)


def trial(folder: Path, seed: int) -> dict[str, Any]:
    """The whole of it, in a sandbox of its own; the report."""
    scene, state = Scene(ttl=TTL, image=IMAGE.name), state_of(f"stolen-{os.getpid()}")
    sandbox = bring_up(state, cache=cache_folder(), say=say, dies_with=[os.getpid()])
    try:
        project = set_scene(ROOT / "stacks/liferaft_stacks/microblog", IMAGE, folder, scene)
        operator = RobbedOperator(THIS, state.name, project, folder / "operator.log", say)
        stage = Stage(sandbox, operator, folder, say, scene)
        make_ready(stage, [USUAL.standby])
        inside(operator, "--keep-versions")
        story = Story("its keys are stolen as it falls", (Chapter(STANDBY, (snapshot,)),))
        found = report(play(stage, seed, story))
        standing = operator.ask("status")
    finally:
        take_down(state)
    found["succeeded"] = standing["epoch"] > THIEFS_EPOCH and all(
        check["kept"] or check.get("late") for check in found["checks"]
    )
    ways = {"from": USUAL.primary, "to": USUAL.standby, "robbed": operator.robbed}
    return {**ways, "epoch": standing["epoch"], **found}


def main() -> int:
    """0 when everything came back."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stolen_key")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--report", type=Path, help="a folder for report.json")
    parser.add_argument("--keep-versions", action="store_true", help="inside: of both buckets")
    parser.add_argument("--rob", action="store_true", help="inside")
    asked = parser.parse_args()
    if asked.keep_versions:
        keep_versions()
        return 0
    if asked.rob:
        sys.stdout.write(json.dumps(rob()))
        return 0
    if asked.report is None:
        parser.error("--report is missing: a folder for report.json")
    folder: Path = asked.report.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    found = trial(folder, asked.seed)
    write_report(folder, found)
    show(found)
    return 0 if found["succeeded"] else 1


if __name__ == "__main__":
    sys.exit(main())
