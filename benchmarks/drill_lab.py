"""What trials of drills share: an application in a sandbox, its operator, and what is left."""

import json
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from tests.rehearsal.desk import Desk

from benchmarks.damage.vault_objects import VaultObjects
from benchmarks.parts import ROOT, say
from liferaft_sandbox.rehearsal.scene import CLOUD_OF, Scene, set_scene
from liferaft_sandbox.rehearsal.users_place import UsersPlace
from liferaft_sandbox.sandboxes import Sandbox, bring_up, take_down
from liferaft_sandbox.state import cache_folder, state_of

PROJECT: Final = ROOT / "stacks/liferaft_stacks/microblog"
IMAGE: Final = ROOT / "build/chirp.oci.tar"
SCRIPTS: Final = ROOT / "tests/rehearsal/scripts"
SCENE: Final = Scene(ttl=15)

Arrange = Callable[[Path], None]
"""Makes of the sample's folder the one that is wanted."""


@dataclass(frozen=True)
class DrillLab:
    """A sandbox with an operator in it, who may lose all that he has."""

    sandbox: Sandbox
    desk: Desk
    work: Path
    arrange: Arrange
    draw: random.Random

    @classmethod
    def at_work(cls, sandbox: Sandbox, work: Path, arrange: Arrange, draw: random.Random) -> Self:
        folder = set_scene(PROJECT, IMAGE, work, SCENE)
        arrange(folder)
        return cls(sandbox, Desk(sandbox.state.name, folder, work / "state"), work, arrange, draw)

    @property
    def users(self) -> UsersPlace:
        return self.desk.users(self.sandbox)

    @property
    def vaults(self) -> VaultObjects:
        """Their objects, to be broken and mended."""
        return VaultObjects(self.desk.argv, self.desk.folder, SCENE.vault_bucket, self.draw)

    def must(self, *words: str) -> str:
        """What a command says that has to end well. Raises AssertionError."""
        say(f"$ liferaft {' '.join(words)}")
        code, said = self.desk.run(*words)
        assert code == 0, f"{' '.join(words)} ended with {code}: {said}"
        return said

    def listed(self, *, whole: bool = False) -> Mapping[str, Any]:
        """Every version of every object in the vaults but those of drills, and, unless whole, those
        that servers bring by themselves."""
        words = ["whole"] if whole else []
        found: Mapping[str, Any] = self.desk.script(SCRIPTS / "listed_in_vaults.py", *words)
        return found

    def left(self) -> list[str]:
        """Machines of drills that run at any cloud, by the sandbox's own word."""
        return [
            f"{cloud}: {name}"
            for cloud in sorted(set(CLOUD_OF.values()) - {"colo"})
            for name in self.sandbox.supervisor.states(cloud)
            if "drill" in name
        ]

    def without_the_operators_place(self) -> "DrillLab":
        """The folder of the application, what the engine knew, journals: all of it is gone, and an
        operator sits down somewhere else with what lies in version control."""
        for folder in (self.desk.folder, self.desk.state):
            shutil.rmtree(folder, ignore_errors=True)
        anew = self.at_work(self.sandbox, self.work, self.arrange, self.draw)
        return replace(anew, desk=replace(anew.desk, runs=self.desk.runs))


@contextmanager
def drill_lab(name: str, seed: int, arrange: Arrange = lambda _: None) -> Iterator[DrillLab]:
    """A sandbox of its own, until the block ends; nothing is deployed in it. seed: of what is drawn
    at random."""
    state, watched = state_of(f"{name}-{os.getpid()}"), [os.getpid()]
    sandbox = bring_up(state, cache=cache_folder(), say=say, dies_with=watched, equipped=True)
    try:
        with tempfile.TemporaryDirectory() as work:
            draw = random.Random(seed)  # noqa: S311 - no key
            yield DrillLab.at_work(sandbox, Path(work), arrange, draw)
    finally:
        take_down(state)


def answered(said: str) -> dict[str, Any]:
    """The JSON among all that a command said."""
    found: dict[str, Any] = json.JSONDecoder().raw_decode(said, said.index("{\n"))[0]
    return found
