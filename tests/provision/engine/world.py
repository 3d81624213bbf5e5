"""A toy cloud, a state in a folder, and the engine between them, for the tests of this folder."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from liferaft.provision.engine.contract import OperationEvent, Outcome, Request, StateLocation
from liferaft.provision.engine.embedded.engine import EmbeddedEngine

GOLDEN = Path(__file__).parent / "golden"
TOY = "tests.provision.engine.toy_provider"
PRELUDE = "import os\nimport pulumi\nfrom lr import PHASE, Network, Server, Volume\n"


@dataclass
class World:
    """One folder with everything; `PHASE` tells a golden program which part to play."""

    root: Path
    program: Path
    config: Mapping[str, str] = field(default_factory=dict)
    secret_config: Mapping[str, str] = field(default_factory=dict)
    passphrase: str = "golden"
    stack: str = "dev"
    events: list[OperationEvent] = field(default_factory=list)

    def request(self, phase: int = 1, **changes: Any) -> Request:
        request = Request(
            program=self.program,
            project="golden",
            stack=self.stack,
            state=StateLocation(f"file://{self.root}/state"),
            passphrase=self.passphrase,
            config=self.config,
            secret_config=self.secret_config,
            environment={
                "PATH": f"{GOLDEN}/plugin:{Path(sys.executable).parent}:{os.defpath}",
                "PYTHONPATH": str(GOLDEN / "programs" / "common"),
                "PYTHONDONTWRITEBYTECODE": "1",
                "PHASE": str(phase),
                "LIFERAFT_CLOUD": str(self.cloud_file),
            },
        )
        return replace(request, **changes)

    async def run(self, operation: str, phase: int = 1, **changes: Any) -> Outcome:
        """`operation` is a method of the engine, or `preview-refresh`."""
        request, engine = self.request(phase, **changes), EmbeddedEngine()
        if operation == "preview-refresh":
            return await engine.refresh(request, self.events.append, preview=True)
        outcome: Outcome = await getattr(engine, operation)(request, self.events.append)
        return outcome

    @property
    def cloud_file(self) -> Path:
        return self.root / "cloud.json"

    @property
    def checkpoint_file(self) -> Path:
        return self.root / f"state/.pulumi/stacks/golden/{self.stack}.json"

    @property
    def checkpoint(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.checkpoint_file.read_text())
        return found

    @property
    def latest(self) -> dict[str, Any]:
        found: dict[str, Any] = self.checkpoint["checkpoint"]["latest"]
        return found

    @property
    def objects(self) -> dict[str, Any]:
        """What exists in the toy cloud, by id."""
        if not self.cloud_file.exists():
            return {}
        found: dict[str, Any] = json.loads(self.cloud_file.read_text())["objects"]
        return found

    def drift(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change objects of the toy cloud behind the engine's back."""
        found: dict[str, Any] = {"generations": {}, "objects": {}}
        if self.cloud_file.exists():
            found = json.loads(self.cloud_file.read_text())
        change(found["objects"])
        self.cloud_file.write_text(json.dumps(found))

    @property
    def locks(self) -> list[Path]:
        """Without the side files (`.attrs`) that the CLI's library keeps in a folder."""
        return list((self.root / "state/.pulumi/locks").rglob("*.json"))

    def is_creating(self) -> bool:
        """Whether the server `slow` is being created at this moment."""
        text = self.checkpoint_file.read_text() if self.checkpoint_file.exists() else ""
        return '"type":"creating"' in text and "server-slow-1" in str(self.objects)

    @property
    def go(self) -> Path:
        """Golden programs may let a creation wait until this file is there."""
        return self.cloud_file.with_suffix(".go")

    def was_told(self, words: str) -> bool:
        """Whether the engine has said so."""
        return any(words in event.message for event in self.events)

    def names(self) -> set[str]:
        return {row["urn"].split("::")[-1] for row in self.latest.get("resources", [])}


async def until(holds: Callable[[], bool], what: str, seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        await asyncio.sleep(0.02)


def toy(world: World, phase: int) -> dict[str, Any]:
    """Changes to a request: the package `toy` is served inside the engine's process."""
    path = f"{GOLDEN}/programs/common:{Path(__file__).parents[3]}"
    environment = {**world.request(phase).environment, "PYTHONPATH": path}
    return {"providers": {"toy": f"{TOY}:provider"}, "environment": environment}


def program(folder: Path, text: str) -> Path:
    """The folder of a program of this text, which is written there."""
    place = folder / "program"
    place.mkdir()
    (place / "Pulumi.yaml").write_text("name: golden\nruntime: python\n")
    (place / "__main__.py").write_text(text)
    return place


def world(tmp_path: Path, text: str) -> World:
    """A world with a program of this text."""
    return World(tmp_path, program(tmp_path, PRELUDE + text))


def child_pid(world: World) -> int:
    """The engine's process names itself in its lock."""
    return int(json.loads(world.locks[0].read_text())["pid"])
