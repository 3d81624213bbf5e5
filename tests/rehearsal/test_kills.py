"""Commands that are killed, interrupted, refused and run twice: the same command goes on."""

import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.rehearsal.desk import Desk, argv, descendants
from tests.rehearsal.planted import not_told, plant

from liferaft_sandbox.rehearsal.scene import Scene, set_scene
from liferaft_sandbox.sandboxes import Sandbox

SCRIPTS = Path(__file__).parent / "scripts"
SEED = 11
ONE_OF_EACH = {
    "servers": 2,
    "addresses": 1,
    "networks": 1,
    "subnets": 1,
    "gateways": 1,
    "firewalls": 2,
    "keys": 1,
    "buckets": 1,
}
TTL = 15
"""Seconds. It is about ways, not about caches: a destruction sits out what resolvers remember."""
SILENT_SECONDS = 10.0
WRITTEN = 20
USERS_SECONDS = 300.0
PRINTS = "from os import environ as e; print('told', e['APP_SECRET_KEY'], e['DATABASE_URL'])"
"""What tells secrets, as applications do when they crash."""
DRILL = f"""
[drill]
max_cost = 5.0
check = {{service = "web", command = ["python3", "-c", "{PRINTS}"]}}
"""
ROWS = 'references = "select object_key, post_id from uploads where post_id > $1"'

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(os.geteuid() != 0, reason="real hosts need root"),
]


@pytest.fixture
def desk(sandbox: Sandbox, project: Path, image: Path, tmp_path: Path) -> Iterator[Desk]:
    folder = set_scene(project, image, tmp_path, Scene(ttl=TTL))
    plant(folder)
    ask_for_proofs(folder / "liferaft.toml")
    desk = Desk(sandbox.state.name, folder, tmp_path / "state")
    with desk.watching():
        yield desk


def ask_for_proofs(toml: Path) -> None:
    """Of drills: a command in a container, and objects by the rows that name them."""
    told = toml.read_text().replace('kind = "bucket"', f'kind = "bucket"\n{ROWS}')
    toml.write_text(told + DRILL)


def test_what_is_killed_or_interrupted_at_any_moment_goes_on(sandbox: Sandbox, desk: Desk) -> None:
    when = random.Random(SEED)
    a_deploy_that_is_killed_makes_nothing_twice(desk, when)
    write_something(desk, sandbox)
    assert desk.run("snapshot", "--yes")[0] == 0
    a_drill_that_is_killed_is_told_of(desk, when)
    the_next_drill_deletes_it_harms_nobody_and_names_what_is_hidden(desk)
    it_has_proven_what_came_back_and_says_what_it_cost(desk)
    a_drill_that_may_cost_too_much_makes_nothing(desk)
    a_drill_of_the_data_alone_proves_it_on_one_server(desk)
    a_drill_that_dies_with_all_that_its_operator_knew_is_cleaned_up(desk, sandbox, when)
    sandbox.supervisor.terminate("aws")
    a_failover_without_a_right_token_touches_nothing(desk)
    a_failover_that_is_killed_goes_on_as_the_same_run(desk, sandbox, when)
    everything_that_was_promised_is_there(desk, sandbox)
    no_secret_lies_open(desk)
    a_destroy_leaves_nothing(desk, sandbox)


def a_deploy_that_is_killed_makes_nothing_twice(desk: Desk, when: random.Random) -> None:
    for words, longest in ((("network, servers", "begins"), 4.0), (("PostgreSQL", "begins"), 6.0)):
        for _ in range(2):
            deploy = desk.start("deploy", "aws-east", "--yes")
            deploy.until(*words)  # a dead holder of the lease keeps nobody out
            time.sleep(when.uniform(0.0, longest))
            deploy.kill()
    deploy = desk.start("deploy", "aws-east", "--yes")
    deploy.until("network, servers", "begins")
    assert deploy.interrupt() == 130
    assert "Interrupted. Run the same command again" in deploy.said
    assert "Traceback" not in deploy.said
    deploy = desk.start("deploy", "aws-east", "--yes")
    deploy.until("network, servers", "begins")
    code, said = desk.run("snapshot", "--yes")
    assert code == 5, said
    assert "has been running the deploy of aws-east since" in said
    assert deploy.ended() == 0, deploy.said
    assert desk.script(SCRIPTS / "listed_at_aws.py") == ONE_OF_EACH
    assert desk.status()["unfinished"] == []


def a_drill_that_is_killed_is_told_of(desk: Desk, when: random.Random) -> None:
    drill = desk.start("drill", "hetzner", "--yes")
    drill.until("Start servers", "done")
    time.sleep(when.uniform(0.0, 2.0))
    drill.kill()
    assert desk.script(SCRIPTS / "listed_of_drills.py")["servers"]
    code, said = desk.run("status")
    assert code == 0, said
    assert "A drill of hetzner" in said
    assert "drill --clean" in said


def the_next_drill_deletes_it_harms_nobody_and_names_what_is_hidden(desk: Desk) -> None:
    """Of what was planted no configuration says a word."""
    before = desk.script(SCRIPTS / "listed_in_vaults.py")
    assert all(before.values())
    code, said = desk.run("drill", "hetzner", "--yes")
    assert code == 0, said
    assert "A failover to hetzner would have worked" in said
    assert not_told(said) == [], said
    assert desk.script(SCRIPTS / "listed_in_vaults.py") == before
    assert not any(desk.script(SCRIPTS / "listed_of_drills.py").values())
    assert (desk.status()["epoch"], desk.status()["site"]) == (1, "aws-east")


def it_has_proven_what_came_back_and_says_what_it_cost(desk: Desk) -> None:
    """Rows, objects, a write, and a command in a container: by its report."""
    report = desk.ask("report")
    facts = {step["name"]: step["facts"] for step in report["steps"] if step["state"] == "done"}
    assert any("every digest is that of" in one for one in facts["digests-db"]["checked"])
    assert facts["sample-media"]["objects"] == facts["sample-media"]["of"] > 0
    assert {"write-db", "write-media"} <= facts.keys()
    assert facts["check"]["said"] == "told [APP_SECRET_KEY] [DATABASE_URL]"
    drill = desk.ask("drill", "list")["drills"][0]
    assert drill["run"] == report["run"]
    assert 0 < drill["cost"] < 1
    assert drill["currency"] == "EUR"
    assert report["spent"]["amount"] == drill["cost"]


def a_drill_that_may_cost_too_much_makes_nothing(desk: Desk) -> None:
    toml, before = desk.folder / "liferaft.toml", desk.ask("drill", "list")["drills"]
    usual = toml.read_text()
    toml.write_text(usual.replace("max_cost = 5.0", "max_cost = 0.001"))
    code, said = desk.run("drill", "hetzner", "--yes")
    toml.write_text(usual)
    assert code == 4, said
    assert "drill.max_cost allows 0.00" in said
    assert desk.ask("drill", "list")["drills"] == before


def a_drill_of_the_data_alone_proves_it_on_one_server(desk: Desk) -> None:
    before = desk.script(SCRIPTS / "listed_in_vaults.py")
    drill = desk.start("drill", "hetzner", "--data", "--yes")
    drill.until("Write to the copy of database", "done")
    assert len(desk.script(SCRIPTS / "listed_of_drills.py")["servers"]) == 1
    assert drill.ended() == 0, drill.said
    assert "The data would have come back at hetzner" in drill.said
    report = desk.ask("report")
    assert report["data_only"]
    facts = {step["name"]: step["facts"] for step in report["steps"] if step["state"] == "done"}
    assert any("every digest is that of" in one for one in facts["digests-db"]["checked"])
    assert facts["sample-media"]["objects"] == facts["sample-media"]["of"] > 0
    assert desk.script(SCRIPTS / "listed_in_vaults.py") == before
    assert not any(desk.script(SCRIPTS / "listed_of_drills.py").values())


def a_drill_that_dies_with_all_that_its_operator_knew_is_cleaned_up(
    desk: Desk, sandbox: Sandbox, when: random.Random
) -> None:
    before = desk.script(SCRIPTS / "listed_in_vaults.py")
    drill = desk.start("drill", "hetzner", "--yes")
    drill.until("Restore the database", "begins")
    time.sleep(when.uniform(0.0, 2.0))
    drill.kill()
    shutil.rmtree(desk.state)
    code, said = desk.run("drill", "--clean", "--yes")
    assert code == 0, said
    assert not any(desk.script(SCRIPTS / "listed_of_drills.py").values())
    assert not [name for name in sandbox.supervisor.states("hetzner") if "drill" in name]
    assert desk.script(SCRIPTS / "listed_in_vaults.py") == before
    assert "did not end" not in desk.run("status")[1]


def a_failover_without_a_right_token_touches_nothing(desk: Desk) -> None:
    code, said = desk.run("failover", "hetzner", "--yes", HCLOUD_TOKEN="nonsense")
    assert code == 6, said
    assert "code: unauthorized" in said
    assert "Check the credentials" in said
    assert "Traceback" not in said
    assert (desk.status()["epoch"], desk.status()["site"]) == (1, "aws-east")


def a_failover_that_is_killed_goes_on_as_the_same_run(
    desk: Desk, sandbox: Sandbox, when: random.Random
) -> None:
    (run,) = desk.status()["unfinished"]
    moments = (
        ("Start servers", "begins"),
        ("Restore the database", "begins"),
        ("Epoch 2:", "done"),
        ("Replay to the last byte", "begins"),
        ("Make the standby the primary", "begins"),
        ("Start web", "begins"),
    )
    reigns = 1
    for words in moments:
        failover = desk.start("failover", "hetzner", "--yes")
        failover.until(*words)
        time.sleep(when.uniform(0.0, 1.0))
        failover.kill()
        found = desk.status()
        assert found["unfinished"] == [run]
        assert reigns <= found["epoch"] <= 2
        assert found["site"] == {1: "aws-east", 2: "hetzner"}[found["epoch"]]
        reigns = found["epoch"]
    assert reigns == 2
    failover = desk.start("failover", "hetzner", "--yes")
    failover.until("begins")
    with silent_vault(sandbox):
        time.sleep(SILENT_SECONDS)
    if failover.ended():
        assert "Traceback" not in failover.said
        assert "Vault main" in failover.said
        code, said = desk.run("failover", "hetzner", "--yes")
        assert code == 0, said
    found = desk.status()
    assert (found["epoch"], found["site"], found["unfinished"]) == (2, "hetzner", [])
    assert desk.ask("report")["run"] == run


def everything_that_was_promised_is_there(desk: Desk, sandbox: Sandbox) -> None:
    """All of it was written before the snapshot, so nothing may be lost."""
    found = desk.users(sandbox).read_back(seconds=60.0)
    assert found["acknowledged"] >= WRITTEN
    assert found["survived"] == found["acknowledged"]


def no_secret_lies_open(desk: Desk) -> None:
    seen = desk.folder.parent / "argv"
    seen.write_bytes(b"\n".join(desk.seen))
    logs = [str(path) for path in desk.folder.parent.glob("*.log")]
    found = desk.script(SCRIPTS / "find_secrets.py", str(desk.state), str(seen), *logs)
    assert found["secrets"] > 15
    assert found["places"] > 50
    assert found["found"] == []


def a_destroy_leaves_nothing(desk: Desk, sandbox: Sandbox) -> None:
    code, said = desk.run("destroy", "hetzner", "--site-that-reigns", "hetzner")
    assert code == 0, said
    assert sandbox.supervisor.states("hetzner") == {}
    code, said = desk.run("destroy", "hetzner", "--yes")
    assert code == 0, said
    assert "there was nothing to delete" in said
    assert desk.status()["destroyed_at"]


def write_something(desk: Desk, sandbox: Sandbox) -> None:
    """Users at work until the application has promised to keep some of what they wrote."""
    users = desk.users(sandbox)
    with users.at_work(SEED, users=4):
        users.await_writes(count=WRITTEN, seconds=USERS_SECONDS)


@contextmanager
def silent_vault(sandbox: Sandbox) -> Iterator[None]:
    """The vault's store takes connections and answers nothing, while the block runs."""
    stores = [pid for pid in descendants(sandbox.lab) if is_behind_the_vaults_front(pid)]
    assert len(stores) == 1
    for store in stores:
        os.kill(store, signal.SIGSTOP)
    try:
        yield
    finally:
        for store in stores:
            os.kill(store, signal.SIGCONT)


def is_behind_the_vaults_front(pid: int) -> bool:
    """The store itself, whose folder is the vault's: what stands before it goes on listening."""
    if not argv(pid).startswith(b"/opt/bin/weed\0"):
        return False
    return "/services/vault-objects " in Path(f"/proc/{pid}/mountinfo").read_text()
