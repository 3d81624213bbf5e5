"""Whole sandboxes, with their real services and hosts."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from tests.hosts import packed
from tests.sandbox.inside import (
    COMMAND,
    NETWORK,
    SSH_IN,
    Key,
    environment,
    execute,
    leftovers,
    machine,
    ssh,
    state_in,
    until,
)

from liferaft_sandbox.failures import SandboxFailed
from liferaft_sandbox.lab import cgroups
from liferaft_sandbox.lab.machines import Desired, Machine
from liferaft_sandbox.lab.processes import Processes
from liferaft_sandbox.sandboxes import DOWN_SECONDS, UP_SECONDS, Sandbox, bring_up, take_down
from liferaft_sandbox.state import State, cache_folder
from liferaft_sandbox.vendors.registry import HOST as REGISTRY

WAKING_SECONDS = 120
"""Who calls a machine that sleeps asks again after 1, 3, 7, 15, 31 and 63 seconds."""
REBOOTS_WHEN_TOLD = r"""
cd /usr/lib/systemd && { test -e systemd.own || sudo mv systemd systemd.own; } &&
printf '#!/bin/sh\nuntil test -e /srv/boot; do sleep 0.1; done\nexec %s.own "$@"\n' $PWD/systemd |
sudo install -m 755 /dev/stdin systemd &&
sudo systemd-run --quiet sh -c 'until test -e /srv/reboot; do sleep 0.1; done; systemctl reboot'
"""
"""The boot after it waits for /srv/boot, so that it can be looked at."""

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]
SANDBOX = "one"


def test_the_operators_place_has_its_own_network_trust_and_credentials(
    sandbox: Sandbox, home: Path
) -> None:
    script = (
        "curl -s --cacert $LIFERAFT_CA_FILE https://objects.neutral.test:8443/ -o /dev/null && "
        "curl -s --cacert $LIFERAFT_CA_FILE https://ca.neutral.test:9443/acme/lab/directory && "
        "pwd && ip route get 192.0.2.10 && test -n $AWS_SECRET_ACCESS_KEY && exit 7"
    )
    said = execute(home, "one", "operator", "sh", "-c", script)
    assert said.returncode == 7, said.stderr
    assert "newNonce" in said.stdout
    assert f"\n{Path.cwd()}\n" in said.stdout
    assert "src 198.18.20.10" in said.stdout
    assert sandbox.facts["age_recipient"].startswith("age1")


def test_the_registry_takes_images_stands_for_docker_hub_and_can_die(
    sandbox: Sandbox, home: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "image.tar"
    archive.write_bytes(packed.image("localhost/web:1"))
    pushed = f"docker://{REGISTRY}/docker.io/library/web:1"

    def skopeo(*argv: str) -> int:
        return execute(home, "one", "operator", "skopeo", *argv).returncode

    assert skopeo("copy", "--quiet", f"oci-archive:{archive}", pushed) == 0
    assert skopeo("inspect", "--no-tags", "docker://docker.io/library/web:1") == 0
    sandbox.supervisor.kill("registry")
    assert skopeo("inspect", "--no-tags", pushed) != 0
    sandbox.supervisor.revive("registry")
    assert skopeo("inspect", "--no-tags", pushed) == 0


def test_nothing_gets_out_of_the_lab(sandbox: Sandbox, home: Path) -> None:
    for place in ("operator", "users", "aws"):
        said = execute(home, sandbox.state.name, place, "curl", "-sm", "3", "http://1.1.1.1/")
        assert said.returncode in {7, 28}


def test_a_machine_answers_with_the_key_in_its_user_data_until_it_is_gone(
    sandbox: Sandbox, home: Path, key: Key
) -> None:
    one, two = machine(key, 1, SSH_IN), machine(key, 2)
    supervisor = sandbox.supervisor
    supervisor.reconcile("aws", Desired((NETWORK,), (one, two)))
    name = sandbox.state.name
    assert ssh(home, name, key, "192.0.2.101", "hostname") == "host-1"
    assert until(lambda: supervisor.states("aws") == {"i-0a1": "running", "i-0a2": "running"})

    inside = "bash -c '</dev/tcp/10.0.0.5/22' && getent hosts objects.neutral.test"
    assert ssh(home, name, key, "192.0.2.101", inside).startswith("203.0.113.20")
    closed = execute(
        home, name, "operator", *("timeout", "2", "bash", "-c", "</dev/tcp/192.0.2.102/22")
    )
    assert closed.returncode != 0, "a machine without rules was reached from outside"

    supervisor.reconcile("aws", Desired((NETWORK,), (two,)))
    assert supervisor.states("aws") == {"i-0a2": "running"}
    supervisor.reconcile("aws", Desired())
    assert traces_of_machines(sandbox) == []


def traces_of_machines(sandbox: Sandbox) -> list[Path]:
    group = cgroups.unified_hierarchy() / cgroups.name_for(sandbox.state.folder)
    return [*(sandbox.state.hosts / "aws").iterdir(), *group.rglob("i-0a*")]


def test_a_machine_may_go_before_it_has_begun_to_boot(sandbox: Sandbox, key: Key) -> None:
    for number in range(11, 16):
        sandbox.supervisor.reconcile("aws", Desired((NETWORK,), (machine(key, number),)))
        sandbox.supervisor.reconcile("aws", Desired())
        assert sandbox.supervisor.states("aws") == {}
        assert traces_of_machines(sandbox) == []


def test_a_machine_keeps_its_disk_while_it_is_stopped(
    sandbox: Sandbox, home: Path, key: Key
) -> None:
    name, supervisor = sandbox.state.name, sandbox.supervisor
    on = machine(key, 3, SSH_IN)
    off = Machine(**{**vars(on), "running": False})
    supervisor.reconcile("aws", Desired((NETWORK,), (on,)))
    ssh(home, name, key, "192.0.2.103", "echo kept | sudo tee /srv/note && cloud-init status -w")
    supervisor.reconcile("aws", Desired((NETWORK,), (off,)))
    assert until(lambda: supervisor.states("aws") == {"i-0a3": "stopped"})
    supervisor.reconcile("aws", Desired((NETWORK,), (on,)))
    assert ssh(home, name, key, "192.0.2.103", "cat /srv/note") == "kept"
    ssh(home, name, key, "192.0.2.103", REBOOTS_WHEN_TOLD)
    srv = Path(f"/proc/{sandbox.lab}/root{sandbox.state.hosts}/aws/i-0a3/root/srv")
    (srv / "reboot").touch()
    assert until(lambda: supervisor.states("aws") == {"i-0a3": "pending"})
    (srv / "boot").touch()
    assert ssh(home, name, key, "192.0.2.103", "cat /srv/note") == "kept"
    assert supervisor.states("aws") == {"i-0a3": "running"}
    supervisor.reconcile("aws", Desired())


def test_machines_of_a_vendor_without_an_api_wake_when_they_are_called(
    sandbox: Sandbox, home: Path
) -> None:
    name, supervisor = sandbox.state.name, sandbox.supervisor
    rented = sandbox.facts["inventory"]["colo"]["machines"][0]
    known = home / "known_hosts"
    known.write_text(f"{rented['address']} {rented['host_key']}\n")
    options = f"-o UserKnownHostsFile={known} -o BatchMode=yes -o ConnectTimeout={WAKING_SECONDS}"
    login = f"ssh -i $LIFERAFT_SSH_KEY_FILE {options} root@{rented['address']}"

    def answered(command: str) -> str:
        said = execute(home, name, "operator", "sh", "-c", f"{login} '{command}'")
        assert said.returncode == 0, said.stderr
        return said.stdout.strip()

    assert set(supervisor.states("colo").values()) == {"stopped"}
    assert answered("hostname; touch /srv/note") == "colo-1"
    assert supervisor.states("colo")["colo-2"] == "stopped"
    assert "AccessDenied" in answered("curl -sk https://s3.colo.test:8443/")

    supervisor.terminate("colo")
    assert supervisor.states("colo") == {}
    supervisor.reinstate("colo")
    assert answered("ls /srv") == "", "what was on the machines went with them"


def test_a_service_that_dies_comes_back_with_what_it_held(sandbox: Sandbox, home: Path) -> None:
    ask = ("curl", "-sm", "60", "-o", "/dev/null", "http://203.0.113.54:8081/")
    sandbox.supervisor.kill("powerdns")
    assert execute(home, "one", "operator", *ask).returncode == 7
    sandbox.supervisor.revive("powerdns")
    assert execute(home, "one", "operator", *ask).returncode == 0
    with pytest.raises(SandboxFailed, match="no service nonsense"):
        sandbox.supervisor.kill("nonsense")


def test_two_sandboxes_do_not_disturb_each_other(sandbox: Sandbox, home: Path, key: Key) -> None:
    other = bring_up(state_in(home, "two"), cache=cache_folder(), say=print)
    try:
        for found, number in ((sandbox, 4), (other, 5)):
            hosts = (machine(key, number, SSH_IN),)
            found.supervisor.reconcile("aws", Desired((NETWORK,), hosts))
        assert ssh(home, "one", key, "192.0.2.104", "hostname") == "host-4"
        assert ssh(home, "two", key, "192.0.2.105", "hostname") == "host-5"
    finally:
        take_down(other.state)
    assert leftovers(other.state) == []
    assert ssh(home, "one", key, "192.0.2.104", "hostname") == "host-4"
    sandbox.supervisor.reconcile("aws", Desired())


def test_a_terminated_cloud_refuses_is_cut_off_and_runs_on(home: Path, key: Key) -> None:
    found = bring_up(state_in(home, "cut"), cache=cache_folder(), say=print)
    try:
        found.supervisor.reconcile("aws", Desired((NETWORK,), (machine(key, 6, SSH_IN),)))
        ssh(home, "cut", key, "192.0.2.106", "true")
        before = found.supervisor.counters()["aws"]["operator"]["hosts"]
        assert before["packets"] > before["new"] > 0

        found.supervisor.terminate("aws")
        assert sum_of(found, "aws") < before["packets"], "they began anew"
        for url in ("http://192.0.2.106:22", "https://192.0.2.20:8443"):
            assert execute(home, "cut", "operator", "curl", "-sm", "1", url).returncode == 28
        answer = execute(home, "cut", "operator", "curl", "-sm", "60", "http://192.0.2.10/")
        assert answer.returncode == 0
        store = ("--resolve", "s3.aws.test:8443:192.0.2.20", "https://s3.aws.test:8443")
        behind = execute(home, "cut", "aws", "curl", "-skm", "60", *store)
        assert behind.returncode == 0
        counted = found.supervisor.counters()["aws"]
        assert counted["operator"]["hosts"]["new"] > 0
        assert counted["operator"]["bucket"]["new"] > 0
        assert counted["operator"]["api"]["new"] == 1
        assert found.supervisor.states("aws") == {"i-0a6": "running"}

        found.supervisor.reinstate("aws")
        assert ssh(home, "cut", key, "192.0.2.106", "hostname") == "host-6"
        found.supervisor.reinstate("aws")
    finally:
        take_down(found.state)


def sum_of(found: Sandbox, cloud: str) -> int:
    sources = found.supervisor.counters()[cloud]
    return sum(part["packets"] for source in sources.values() for part in source.values())


def test_the_death_of_the_parent_leaves_nothing(home: Path) -> None:
    """The shell that started `sandbox run` is killed; neither the run nor its command is told."""
    folder, began = home / "liferaft/sandbox", home / "began"
    folder.mkdir(parents=True, exist_ok=True)
    before = set(folder.iterdir())
    script = '"$@"; echo the shell lives'
    command = ["sh", "-c", 'touch "$0"; exec sleep 1200', str(began)]
    argv = ["sh", "-c", script, "sh", *COMMAND, "run", "--", *command]
    with subprocess.Popen(argv, env=environment(home), stderr=subprocess.DEVNULL) as shell:
        assert until(began.exists, UP_SECONDS)
        (state,) = (State(path.parent) for path in folder.glob("run-*/sandbox.json"))
        shell.kill()
    assert until(lambda: leftovers(state) == []), leftovers(state)
    assert set(folder.iterdir()) == before


def test_a_killed_warden_takes_the_lab_with_it_and_the_next_start_cleans_up(home: Path) -> None:
    found = bring_up(state_in(home, "again"), cache=cache_folder(), say=print)
    processes = Processes.read(found.state.warden)
    os.kill(processes.warden.number, signal.SIGKILL)
    assert until(lambda: not processes.lab.lives())
    bring_up(found.state, cache=cache_folder(), say=print)
    take_down(found.state)
    assert leftovers(found.state) == []


def test_a_run_ends_with_the_code_of_its_command(home: Path) -> None:
    script = "liferaft_says=$LIFERAFT_SANDBOX; echo $liferaft_says; exit 5"
    ran = subprocess.run(
        [*COMMAND, "run", "--", "sh", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=UP_SECONDS + DOWN_SECONDS,
        env=environment(home),
    )
    assert ran.returncode == 5, ran.stderr
    assert leftovers(state_in(home, ran.stdout.strip())) == []
