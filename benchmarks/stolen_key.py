"""`python -m benchmarks.stolen_key`: a site falls, and in the same minute somebody uses its keys.

Both vaults keep versions. Users are at work; the cloud drops its customer, and somebody has what
its servers held for the first vault, and the operator's own pair of the second. He overwrites every
object in both, deletes each second one where he may, and puts an epoch of his own beside. The
failover is told the moment before that. Everything that users were promised has to be back, but for
what the archive did not have then; and the servers' pair has to have kept nearly everything from
being deleted. How long it took is told and not judged:
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
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

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

if TYPE_CHECKING:
    from liferaft.config import VaultCredentials

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
        self.robbed["by_vault"] = json.loads(inside(self, "--rob"))
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


def stolen() -> list[Versions]:
    """The vaults that liferaft.toml names, here, as the thief opens them: the first with what
    servers hold."""
    config = load(Path("liferaft.toml"), configs())
    credentials = resolve(config, os.environ)

    def pair(name: str) -> "VaultCredentials":
        keys = credentials.vaults[name]
        return keys.held_by_hosts() if name == config.first_vault else keys

    found = [
        Versions.of(name, vault, pair(name), prefix=config.app.name)
        for name, vault in config.vaults.items()
    ]
    return [one for one in found if one is not None]


def rob() -> dict[str, dict[str, int]]:
    """All that the keys allow; what came of it, by vault."""
    return {one.name: robbed(one) for one in stolen()}


def robbed(one: Versions) -> dict[str, int]:
    """How many objects there were, and how many of each second one are deleted, and are kept from
    it. Raises what the store says where it lets nothing be overwritten: nothing would be shown."""
    s3 = one.account.client()
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=one.bucket, Prefix=one.below)
    keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
    beside = [f"{one.below}epoch/{THIEFS_EPOCH:08}", f"{one.below}ransom.txt"]
    with ThreadPoolExecutor(LANES) as pool:
        overwrite = partial(s3.put_object, Bucket=one.bucket, Body=b"pay")
        list(pool.map(lambda key: overwrite(Key=key), [*keys, *beside]))
        time.sleep(A_SECOND)
        delete = partial(_deletes, s3, one.bucket)
        deleted = list(pool.map(delete, keys[::2]))
    return {"objects": len(keys), "deleted": sum(deleted), "kept": deleted.count(False)}


def _deletes(s3: Any, bucket: str, key: str) -> bool:
    """Whether the key may."""
    try:
        s3.delete_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        return False
    return True


def is_held_to_its_policy(robbed: Any, first: str) -> bool:
    """Whether the thief deleted all that he meant to, but in the first vault next to nothing."""
    others = [came for name, came in robbed.items() if name != first]
    return robbed[first]["kept"] > robbed[first]["deleted"] and not any(
        one["kept"] for one in others
    )


def trial(folder: Path, seed: int) -> dict[str, Any]:
    """The whole of it, in a sandbox of its own; the report."""
    scene, state = Scene(ttl=TTL, image=IMAGE.name), state_of(f"stolen-{os.getpid()}")
    sandbox = bring_up(state, cache=cache_folder(), say=say, dies_with=[os.getpid()])
    try:
        project = set_scene(ROOT / "stacks/liferaft_stacks/microblog", IMAGE, folder, scene)
        operator = RobbedOperator(THIS, state.name, project, folder / "operator.log", say)
        stage = Stage(sandbox, operator, folder, say, scene)
        make_ready(stage, [USUAL.standby])
        story = Story("its keys are stolen as it falls", (Chapter(STANDBY, (snapshot,)),))
        found = report(play(stage, seed, story))
        standing = operator.ask("status")
    finally:
        take_down(state)
    found["succeeded"] = (
        standing["epoch"] > THIEFS_EPOCH
        and all(check["kept"] or check.get("late") for check in found["checks"])
        and is_held_to_its_policy(operator.robbed["by_vault"], "main")
    )
    ways = {"from": USUAL.primary, "to": USUAL.standby, "robbed": operator.robbed}
    return {**ways, "epoch": standing["epoch"], **found}


def main() -> int:
    """0 when everything came back."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stolen_key")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--report", type=Path, help="a folder for report.json")
    parser.add_argument("--rob", action="store_true", help="inside")
    asked = parser.parse_args()
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
