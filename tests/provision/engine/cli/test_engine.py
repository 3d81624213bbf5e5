"""Our side of driving the Pulumi CLI, with a stand-in for the executable.

How the real one behaves is asked in `test_takeover.py`, where there is one.
"""

import asyncio
import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.provision.engine.world import GOLDEN

from liferaft.provision.engine.cli import engine as driving
from liferaft.provision.engine.cli.engine import CliEngine
from liferaft.provision.engine.cli.executable import Executable
from liferaft.provision.engine.cli.workspace import workspace
from liferaft.provision.engine.contract import OperationEvent, Request, StateLocation
from liferaft.provision.engine.faults import BadProgram, EngineDied, Locked, WrongPassphrase
from liferaft.provision.engine.state.lock import Lock
from liferaft.provision.engine.state.passphrase import Passphrase
from liferaft.provision.engine.state.sealing import holds_secret
from liferaft.provision.engine.state.storage import Storage

pytestmark = [pytest.mark.golden, pytest.mark.timeout(600)]
STANDIN = Path(__file__).parent / "standin_pulumi.py"
RECORDED = GOLDEN / "data"
PASSPHRASE = "golden"


@dataclass
class Scene:
    """A program, a state, and a stand-in that notes how it is called."""

    root: Path
    engine: CliEngine
    events: list[OperationEvent] = field(default_factory=list)

    def request(self, **changes: Any) -> Request:
        values: dict[str, Any] = {
            "program": GOLDEN / "programs" / "01-create",
            "project": "golden",
            "stack": "dev",
            "state": StateLocation(f"file://{self.root}/state"),
            "passphrase": PASSPHRASE,
            "config": {"golden:size": "2"},
            "secret_config": {"golden:token": "s3cret-token"},
            "environment": {"STANDIN": str(self.root), "CLOUD_TOKEN": "t"},
        }
        return Request(**{**values, **changes})

    def holds(self, checkpoint: str) -> None:
        """The state is one that the real CLI wrote."""
        path = self.root / "state/.pulumi/stacks/golden/dev.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        (self.root / "state/.pulumi/meta.yaml").write_text("version: 1\n")
        shutil.copy(RECORDED / checkpoint, path)

    def plays(self, recorded: str, *, code: int = 0, stderr: str = "") -> None:
        shutil.copy(RECORDED / recorded, self.root / "events.jsonl")
        (self.root / "exit").write_text(str(code))
        (self.root / "stderr").write_text(stderr)

    @property
    def calls(self) -> list[dict[str, Any]]:
        lines = (self.root / "calls.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def call(self, verb: str) -> dict[str, Any]:
        (found,) = [call for call in self.calls if " ".join(call["argv"][2:]).startswith(verb)]
        return found


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STANDIN}" "$@"\n')
    program.chmod(0o755)
    surroundings = {"PATH": os.defpath, "HOME": str(tmp_path), "SECRET_OF_OURS": "hidden"}
    return Scene(tmp_path, CliEngine(Executable(program, (3, 260, 0)), surroundings))


async def test_a_run_is_told_as_the_cli_told_it(scene: Scene) -> None:
    scene.holds("08-secrets/p1/checkpoint.json")
    scene.plays("03-replace/p2/up.events.jsonl")
    outcome = await scene.engine.up(scene.request(), scene.events.append)
    assert outcome.ok
    assert outcome.changes == {"replace": 2, "same": 1, "update": 1}
    assert [e.op for e in scene.events if e.moment == "finished"] == [op for op, _ in outcome.steps]
    rests = json.loads((RECORDED / "08-secrets/p1/checkpoint.json").read_text())
    stack = rests["checkpoint"]["latest"]["resources"][0]
    assert outcome.outputs.keys() == stack["outputs"].keys()
    assert outcome.secret_outputs == {
        name for name, value in stack["outputs"].items() if holds_secret(value)
    }


async def test_what_a_request_wishes_for_is_asked_of_the_cli(scene: Scene) -> None:
    scene.holds("08-secrets/p1/checkpoint.json")
    scene.plays("15-refresh/p2-refresh/up.events.jsonl")
    wishes = scene.request(refresh=True, clear_pending_creates=True)
    await scene.engine.refresh(wishes, scene.events.append)
    assert "--clear-pending-creates" in scene.call("refresh --skip-preview")["argv"]
    await scene.engine.refresh(wishes, scene.events.append, preview=True)
    assert "--clear-pending-creates" not in scene.call("refresh --preview-only")["argv"]
    await scene.engine.up(wishes, scene.events.append)
    await scene.engine.preview(wishes, scene.events.append)
    assert "--refresh" in scene.call("up")["argv"]
    assert "--refresh" in scene.call("preview")["argv"]
    await scene.engine.refresh(scene.request(), scene.events.append)
    assert "--clear-pending-creates" not in scene.calls[-2]["argv"]


async def test_no_secret_is_an_argument_or_an_open_setting(scene: Scene) -> None:
    scene.holds("08-secrets/p1/checkpoint.json")
    scene.plays("03-replace/p2/up.events.jsonl")
    await scene.engine.up(scene.request(), scene.events.append)
    arguments = json.dumps([call["argv"] for call in scene.calls])
    assert PASSPHRASE not in arguments.replace("/golden/", "")
    assert "s3cret-token" not in arguments
    call = scene.call("up")
    assert "s3cret-token" not in json.dumps(call)
    assert "SECRET_OF_OURS" not in call["env"]
    assert call["env"]["PULUMI_CONFIG_PASSPHRASE"] == PASSPHRASE
    assert call["env"]["CLOUD_TOKEN"] == "t"


async def test_config_secrets_are_sealed_with_the_states_own_salt(scene: Scene) -> None:
    scene.holds("08-secrets/p1/checkpoint.json")
    scene.plays("03-replace/p2/up.events.jsonl")
    await scene.engine.up(scene.request(), scene.events.append)
    settings = yaml.safe_load(scene.call("up")["files"]["Pulumi.dev.yaml"])
    rests = json.loads((RECORDED / "08-secrets/p1/checkpoint.json").read_text())
    salt = rests["checkpoint"]["latest"]["secrets_providers"]["state"]["salt"]
    assert settings["encryptionsalt"] == salt
    passphrase = Passphrase(PASSPHRASE, salt)
    await passphrase.unlock()
    assert passphrase.open(settings["config"]["golden:token"]["secure"]) == "s3cret-token"
    assert settings["config"]["golden:size"] == "2"


async def test_the_program_is_overlaid_and_its_folder_only_read(scene: Scene) -> None:
    scene.plays("03-replace/p2/up.events.jsonl")
    (scene.root / "new").touch()
    program = scene.root / "program"
    program.mkdir()
    (program / "__main__.py").write_text("")
    (program / "Pulumi.yaml").write_text(
        "name: other\nmain: inner\nbackend: {url: s3://elsewhere}\n"
        "runtime: {name: python, options: {virtualenv: venv}}\nconfig: {golden:x: {default: 1}}\n"
    )
    before = sorted(program.rglob("*"))
    await scene.engine.up(scene.request(program=program), scene.events.append)
    assert sorted(program.rglob("*")) == before
    call = scene.call("up")
    assert call["program"] == str(program)
    assert yaml.safe_load(call["files"]["Pulumi.yaml"]) == {
        "name": "golden",
        "main": "program/inner",
        "runtime": {"name": "python"},
        "config": {"golden:x": {"default": 1}},
    }
    assert call["env"]["PULUMI_PYTHON_CMD"] == sys.executable
    assert not _is_there(call["cwd"])
    assert scene.call("stack init")["argv"][-1] == "dev"


def _is_there(path: str) -> bool:
    return os.path.lexists(path)


def test_keys_of_the_state_do_not_mix_with_those_of_the_cloud(scene: Scene) -> None:
    ca_file = scene.root / "ca.pem"
    ca_file.write_bytes(b"")
    keys = {"access_key_id": "state-key", "secret_access_key": "state-secret"}
    endpoint = {"endpoint": "https://vault.test:8443", "region": "r"}
    state = StateLocation("s3://vault/chirp/state", {**keys, **endpoint})
    request = scene.request(
        state=state, environment={"AWS_ACCESS_KEY_ID": "cloud-key"}, secret_config={}
    )
    passphrase = Passphrase(PASSPHRASE)
    asyncio.run(passphrase.unlock())
    with workspace(request, passphrase, cli=Path("/x/pulumi"), surroundings={}) as place:
        environment = place.environment
        assert environment["AWS_ACCESS_KEY_ID"] == "cloud-key"
        url = environment["PULUMI_BACKEND_URL"]
        assert url.startswith("s3://vault/chirp/state?profile=liferaft-state&region=r&awssdk=v2")
        assert "endpoint=https%3A%2F%2Fvault.test%3A8443&s3ForcePathStyle=true" in url
        assert "state-secret" not in json.dumps(dict(environment))
        credentials = Path(environment["AWS_SHARED_CREDENTIALS_FILE"])
        assert "aws_secret_access_key = state-secret" in credentials.read_text()
        assert credentials.stat().st_mode & 0o077 == 0
        assert place.folder.stat().st_mode & 0o077 == 0
    assert not credentials.exists()


async def test_what_the_cli_says_went_wrong_is_the_outcomes(scene: Scene) -> None:
    scene.holds("13-failures/p1/checkpoint.json")
    scene.plays("13-failures/p1/up.events.jsonl", code=1, stderr="error: update failed\n")
    outcome = await scene.engine.up(scene.request(), scene.events.append)
    assert not outcome.ok
    assert outcome.errors[0] == "quota exceeded"


async def test_a_cli_that_ends_without_a_word_is_told_with_its_last_words(scene: Scene) -> None:
    scene.plays("13-failures/p1/up.events.jsonl", code=255, stderr="error: no plugin for you\n")
    (scene.root / "events.jsonl").unlink()
    with pytest.raises(EngineDied) as died:
        await scene.engine.up(scene.request(), scene.events.append)
    assert "no plugin for you" in died.value.facts.details["last words"]


async def test_a_wrong_passphrase_is_told_before_the_cli_is_asked(scene: Scene) -> None:
    scene.holds("08-secrets/p1/checkpoint.json")
    with pytest.raises(WrongPassphrase):
        await scene.engine.up(scene.request(passphrase="wrong"), scene.events.append)
    assert not (scene.root / "calls.jsonl").exists()


async def test_a_locked_stack_is_told_as_by_the_other_engine(scene: Scene) -> None:
    storage = Storage(scene.request().state)
    await Lock(storage, "golden", "dev").acquire()
    with pytest.raises(Locked, match="golden/dev is locked by"):
        await scene.engine.up(scene.request(), scene.events.append)
    assert not (scene.root / "calls.jsonl").exists()


async def test_a_preview_of_a_stack_that_is_not_there_leaves_it_so(scene: Scene) -> None:
    scene.plays("03-replace/p2/up.events.jsonl")
    (scene.root / "new").touch()
    await scene.engine.preview(scene.request(), scene.events.append)
    url = scene.call("preview")["env"]["PULUMI_BACKEND_URL"]
    assert url.startswith("file://")
    assert str(scene.root) not in url
    assert not list((scene.root / "state").rglob("*.json"))


async def test_to_destroy_what_never_was_asks_nobody(scene: Scene) -> None:
    assert (await scene.engine.destroy(scene.request(), scene.events.append)).ok
    assert not (scene.root / "calls.jsonl").exists()


async def test_a_package_without_a_plugin_is_named_before_anything_runs(scene: Scene) -> None:
    with pytest.raises(BadProgram, match="pulumi-resource-nowhere"):
        await scene.engine.up(
            scene.request(providers={"nowhere": "module:factory"}), scene.events.append
        )


async def _hanging(scene: Scene, how: str) -> "asyncio.Task[Any]":
    (scene.root / "hang").write_text(how)
    task = asyncio.create_task(scene.engine.up(scene.request(), scene.events.append))
    async with asyncio.timeout(90):
        while not (scene.root / "hangs").exists():  # noqa: ASYNC110  # another process makes it
            await asyncio.sleep(0.02)
    return task


async def test_an_interrupt_lets_the_cli_end_its_steps(scene: Scene) -> None:
    task = await _hanging(scene, "polite")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (scene.root / "interrupted").exists()


async def test_a_cli_that_does_not_heed_is_killed_and_its_lock_taken_away(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driving, "INTERRUPT_SECONDS", 0.2)
    task = await _hanging(scene, "deaf")
    storage = Storage(scene.request().state)
    other = Lock(storage, "golden", "dev")
    await other.acquire()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not (scene.root / "interrupted").exists()
    assert await storage.list(".pulumi/locks") == [other.path]
