"""What the embedded engine promises beyond what the CLI does: kills, locks, secrets, refusals."""

import asyncio
from pathlib import Path

import pytest
from tests.provision.engine.world import (
    GOLDEN,
    World,
    program,
    toy,
    world,
)

from liferaft.provision.engine.embedded.engine import EmbeddedEngine
from liferaft.provision.engine.faults import WrongPassphrase

pytestmark = [pytest.mark.golden, pytest.mark.timeout(600)]


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
