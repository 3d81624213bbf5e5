"""What the embedded engine promises beyond what the CLI does: kills, locks, secrets, refusals."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path

import pytest
from tests.provision.engine.world import GOLDEN, PRELUDE, World, program, toy, until

from liferaft.provision.engine.embedded import engine as embedded
from liferaft.provision.engine.embedded.engine import EmbeddedEngine
from liferaft.provision.engine.faults import EngineDied, Locked, WrongPassphrase

pytestmark = [pytest.mark.golden, pytest.mark.timeout(600)]


def world(tmp_path: Path, text: str) -> World:
    """A world with a program of this text."""
    return World(tmp_path, program(tmp_path, PRELUDE + text))


def child_pid(world: World) -> int:
    """The engine's process names itself in its lock."""
    return int(json.loads(world.locks[0].read_text())["pid"])


async def test_a_run_killed_while_it_creates_is_taken_up_by_the_next(tmp_path: Path) -> None:
    killed = World(tmp_path, GOLDEN / "programs" / "14-killed")
    running = asyncio.create_task(killed.run("up"))
    await until(killed.is_creating, "the slow server")
    os.kill(child_pid(killed), signal.SIGKILL)
    with pytest.raises(EngineDied) as died:
        await running
    assert "SIGKILL" in died.value.facts.happened
    assert [op["type"] for op in killed.latest["pending_operations"]] == ["creating"]
    assert not killed.locks, "whoever had started it knows that it is gone"

    outcome = await killed.run("up", phase=2)
    assert outcome.ok
    assert any("killed while it created" in d.message for d in outcome.diagnostics)
    assert "slow" in killed.names()


ADOPTED = """
class Thing(pulumi.CustomResource):
    def __init__(self, name, **props):
        super().__init__("toy:index:Thing", name, props)
Thing("slow", delay=60 if PHASE == 1 else 0)
"""


async def test_what_our_provider_had_begun_to_create_is_adopted_and_no_longer_pending(
    tmp_path: Path,
) -> None:
    killed = world(tmp_path, ADOPTED)
    running = asyncio.create_task(killed.run("up", **toy(killed, 1)))
    await until(lambda: bool(killed.objects), "the slow thing")
    os.kill(child_pid(killed), signal.SIGKILL)
    with pytest.raises(EngineDied):
        await running
    ((urn, made_at),) = killed.objects.items()
    (pending,) = killed.latest["pending_operations"]
    assert (pending["type"], pending["resource"]["urn"]) == ("creating", urn)

    outcome = await killed.run("up", **toy(killed, 2))
    assert outcome.ok
    assert outcome.changes == {"same": 1, "create": 1}
    assert killed.objects == {urn: made_at}, "nothing was made twice"
    assert "pending_operations" not in killed.latest


SLOW = """
until = os.environ["LIFERAFT_CLOUD"].replace(".json", ".go")
slow = Server("slow", image="debian-12", until=until)
Volume("late", server=slow.id)
"""


async def test_an_interrupted_run_ends_what_is_under_way_and_starts_nothing_new(
    tmp_path: Path,
) -> None:
    slow = world(tmp_path, SLOW)
    running = asyncio.create_task(slow.run("up"))
    await until(slow.is_creating, "the slow server")
    os.kill(child_pid(slow), signal.SIGTERM)
    await until(lambda: slow.was_told("interrupted by SIGTERM"), "the interrupt")
    slow.go.touch()
    outcome = await running
    assert not outcome.ok
    assert "interrupted by SIGTERM" in outcome.errors[0]
    assert {"slow"} <= slow.names()
    assert "late" not in slow.names()
    assert "pending_operations" not in slow.latest
    assert not slow.locks
    assert (await slow.run("up")).changes == {"same": 2, "create": 1}


async def test_a_cancelled_caller_waits_for_what_is_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "INTERRUPT_SECONDS", 90.0)
    slow = world(tmp_path, SLOW)
    running = asyncio.create_task(slow.run("up"))
    await until(slow.is_creating, "the slow server")
    running.cancel()
    await until(lambda: slow.was_told("interrupted by SIGINT"), "the interrupt")
    assert not running.done()
    slow.go.touch()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert "slow" in slow.names()
    assert not slow.locks


async def test_the_engine_writes_its_state_to_the_end_when_its_caller_is_killed(
    tmp_path: Path,
) -> None:
    slow = world(tmp_path, SLOW)
    code = (
        "import asyncio; from pathlib import Path; from tests.provision.engine.world import World;"
        f"asyncio.run(World(Path({str(slow.root)!r}), Path({str(slow.program)!r})).run('up'))"
    )
    caller = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=Path(__file__).parents[4]
    )
    await until(slow.is_creating, "the slow server")
    caller.kill()
    await caller.wait()
    slow.go.touch()
    await until(lambda: not slow.locks, "the orphaned engine to give its lock back")
    assert "slow" in slow.names()
    assert "pending_operations" not in slow.latest


async def test_a_second_up_is_refused_and_told_who_holds_the_lock(tmp_path: Path) -> None:
    slow = world(tmp_path, SLOW)
    running = asyncio.create_task(slow.run("up"))
    await until(slow.is_creating, "the slow server")
    pid = child_pid(slow)
    before = slow.checkpoint_file.read_bytes()
    with pytest.raises(Locked) as locked:
        await slow.run("up")
    assert f"(pid {pid}) since" in locked.value.facts.happened
    assert "pulumi cancel" in locked.value.facts.do
    assert slow.checkpoint_file.read_bytes() == before
    slow.go.touch()
    assert (await running).ok


async def test_a_failing_provider_call_leaves_earlier_rows_and_nothing_pending(
    tmp_path: Path,
) -> None:
    failing = World(tmp_path, GOLDEN / "programs" / "13-failures")
    outcome = await failing.run("up")
    assert not outcome.ok
    assert outcome.errors == ("quota exceeded",)
    assert failing.names() == {"golden-dev", "default", "net"}
    assert "pending_operations" not in failing.latest
    assert ("failed", "create") in {(event.moment, event.op) for event in failing.events}


async def test_secrets_are_in_no_file_of_the_state(tmp_path: Path) -> None:
    sealed = World(
        tmp_path,
        GOLDEN / "programs" / "08-secrets",
        config={"golden:plain": "visible"},
        secret_config={"golden:token": "s3cr3t-token"},
    )
    outcome = await sealed.run("up")
    assert outcome.outputs["token"] == "s3cr3t-token"
    assert outcome.outputs["map"] == {"open": 1, "shut": {"k": [1, None]}}
    assert outcome.secret_outputs == {"token", "addr", "number", "map"}
    assert "s3cr3t-token" not in repr(outcome)
    files = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert len(files) == 4
    for path in files:
        content = path.read_text()
        assert "s3cr3t" not in content, path
        assert "hunter2" not in content, path


async def test_a_wrong_passphrase_is_refused_before_anything_runs(tmp_path: Path) -> None:
    sealed = world(tmp_path, "Volume('data', gb=PHASE)\n")
    await sealed.run("up")
    before = sealed.checkpoint_file.read_bytes()
    sealed.passphrase = "other"
    with pytest.raises(WrongPassphrase):
        await sealed.run("up", phase=2)
    assert sealed.checkpoint_file.read_bytes() == before
    assert sealed.objects["volume-data-1"]["gb"] == 1
    assert not sealed.locks


PEEK = """
pulumi.export("environment", sorted(os.environ))
pulumi.export("everything", open("/proc/self/environ").read() + open("/proc/self/cmdline").read())
"""


async def test_the_program_finds_no_passphrase_and_nothing_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "ours")
    peeking = world(tmp_path, PEEK)
    peeking.passphrase = "correct horse"
    peeking.secret_config = {"golden:token": "s3cr3t-token"}
    outputs = (await peeking.run("up")).outputs
    asked = set(peeking.request().environment)
    assert set(outputs["environment"]) <= asked | {"HOME", "LANG", "LC_CTYPE"}
    for secret in ("correct horse", "s3cr3t-token"):
        assert secret not in outputs["everything"]


async def test_what_a_program_prints_is_information_and_breaks_nothing(tmp_path: Path) -> None:
    noisy = world(
        tmp_path, 'print(\'{"outcome": {"ok": true}}\')\nos.system("echo from a child")\n'
    )
    outcome = await noisy.run("up")
    assert outcome.ok
    said = [d.message for d in outcome.diagnostics if d.severity == "info"]
    assert sorted(said) == ["from a child", '{"outcome": {"ok": true}}']


IN_PROCESS = """
class Thing(pulumi.CustomResource):
    token: pulumi.Output[str]
    def __init__(self, name, **props):
        super().__init__("toy:index:Thing", name, {**props, "token": None})
thing = Thing("one", size=PHASE)
if PHASE == 3:
    Thing("two", refuse=True)
pulumi.export("token", thing.token)
"""


async def test_a_provider_in_process_creates_updates_fails_and_deletes(tmp_path: Path) -> None:
    things = world(tmp_path, IN_PROCESS)
    assert (await things.run("preview", **toy(things, 1))).changes == {"create": 2}
    outcome = await things.run("up", **toy(things, 1))
    assert outcome.changes == {"create": 2}
    assert outcome.secret_outputs == {"token"}
    assert (await things.run("up", **toy(things, 1))).changes == {"same": 2}
    assert (await things.run("up", **toy(things, 2))).changes == {"same": 1, "update": 1}
    failed = await things.run("up", **toy(things, 3))
    assert failed.errors == ("Creating it was refused: quota exceeded. Raise the quota.",)
    assert (await things.run("destroy", **toy(things, 3))).ok
    assert things.objects == {}


async def test_an_export_is_what_the_cli_would_export(tmp_path: Path) -> None:
    from liferaft.provision.engine.embedded.engine import EmbeddedEngine

    exported = world(tmp_path, "Volume('data', gb=1)\n")
    assert await EmbeddedEngine().export(exported.request()) == {}
    await exported.run("up")
    found = await EmbeddedEngine().export(exported.request())
    assert found == {"version": 3, "deployment": exported.latest}


async def test_a_program_that_hangs_does_not_hinder_an_interrupt(tmp_path: Path) -> None:
    hanging = world(tmp_path, "import time\nprint('here')\ntime.sleep(600)\n")
    running = asyncio.create_task(hanging.run("up"))
    await until(lambda: hanging.was_told("here"), "the program")
    os.kill(child_pid(hanging), signal.SIGINT)
    with contextlib.suppress(EngineDied):
        async with asyncio.timeout(90):
            assert not (await running).ok
    assert not hanging.locks


RENAMED = """
class Thing(pulumi.CustomResource):
    def __init__(self, name, opts):
        super().__init__("toy:index:Thing", name, {}, opts)
name = "p" if PHASE == 1 else "q"
old = [] if PHASE == 1 else [pulumi.Alias(name="p")]
class Toy(pulumi.ProviderResource):
    pass
toy = Toy("toy", name, {}, pulumi.ResourceOptions(aliases=old))
Thing("kept", pulumi.ResourceOptions(provider=toy))
if PHASE == 2:
    toy.id.apply(lambda _: 1 / 0)
if PHASE == 1:
    Thing("dropped", pulumi.ResourceOptions(provider=toy))
"""


async def test_a_provider_that_is_renamed_by_an_alias_still_serves_what_it_did(
    tmp_path: Path,
) -> None:
    renamed = world(tmp_path, RENAMED)
    assert (await renamed.run("up", 1, **toy(renamed, 1))).ok
    assert not (await renamed.run("up", 2, **toy(renamed, 2))).ok
    assert "::toy::p" not in renamed.checkpoint_file.read_text(), (
        "also of what did not get its turn"
    )
    outcome = await renamed.run("up", 3, **toy(renamed, 3))
    assert outcome.ok, outcome.errors
    assert outcome.changes == {"same": 3, "delete": 1}


async def test_a_row_left_to_delete_that_needed_what_now_needs_its_successor_can_go(
    tmp_path: Path,
) -> None:
    torn = World(tmp_path, program(tmp_path, ""))
    stack = "urn:pulumi:dev::golden"
    serving = f"{stack}::pulumi:providers:toy::default"
    a, b = f"{stack}::toy:index:Thing::a", f"{stack}::toy:index:Thing::b"
    thing = {"custom": True, "type": "toy:index:Thing", "id": "1", "provider": f"{serving}::1"}
    rows = [
        {"urn": serving, "custom": True, "type": "pulumi:providers:toy", "id": "1"},
        {**thing, "urn": a},
        {**thing, "urn": b, "dependencies": [a]},
        {**thing, "urn": a, "delete": True, "dependencies": [b]},
    ]
    deployment = {"resources": rows, "secrets_providers": None}
    await EmbeddedEngine().import_(torn.request(), {"version": 3, "deployment": deployment})
    async with asyncio.timeout(90):
        outcome = await torn.run("destroy", **toy(torn, 1))
    assert outcome.ok, outcome.errors
    assert outcome.changes == {"delete": 2}
    assert torn.names() == set()
