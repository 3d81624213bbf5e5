"""What machines are told, as text: the firewall, what is wiped; and what their answers mean."""

from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import asyncssh
import pytest

from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.credentials import MissingCredential
from liferaft.clouds.inventory import Inventory, InventoryMachine, ObjectStore
from liferaft.clouds.kinds import Rule
from liferaft.clouds.registry import open_cloud
from liferaft.clouds.ssh import proof, scripts
from liferaft.clouds.ssh.errors import NO_FREE_MACHINE, Said, classify
from liferaft.clouds.ssh.firewall import ruleset
from liferaft.clouds.ssh.machines import Machines
from liferaft.clouds.ssh.scripts import AGAIN_FOLDER, DRILL_TABLE, FIREWALL_UNIT, WIPED, wipe_script
from liferaft.data import rclone
from liferaft.data.bucket import program
from liferaft.data.container_images import archive
from liferaft.data.postgres import layout, listening
from liferaft.edge import caddyfile, proxy
from liferaft.failures import BadInput
from liferaft.hosts import ssh_files, workload
from liferaft.hosts.isolation import ruleset as drill_ruleset
from liferaft.hosts.isolation.allowed import Allowed
from liferaft.hosts.isolation.units import RECORD as DRILL_RECORD
from liferaft.hosts.isolation.units import files as drill_files
from liferaft.remote import (
    CommandFailed,
    ConnectionLost,
    HostKeyMismatch,
    Unreachable,
    files,
    markers,
)
from liferaft.site import reach

EVERYWHERE = ("0.0.0.0/0",)
MACHINES = tuple(
    InventoryMachine(
        *(f"m{n}", f"198.51.100.{n}", f"10.40.0.1{n}", "ssh-ed25519 AAAA"),
        cpus=2,
        memory=4096,
        disk=40,
        port=2222 if n == 2 else 22,
    )
    for n in (1, 2)
)
INVENTORY = Inventory(machines=MACHINES)


def lines(*rules: Rule, number: int = 0) -> list[str]:
    return [line.strip() for line in ruleset(rules, MACHINES[number], INVENTORY).splitlines()]


def test_everything_inbound_is_dropped_but_what_the_rules_open() -> None:
    said = lines(Rule("tcp", EVERYWHERE, "22"), Rule("tcp", EVERYWHERE, "443"))
    assert "type filter hook prerouting priority -150; policy drop;" in said
    assert "ip saddr { 0.0.0.0/0 } tcp dport 443 accept" in said
    assert "ip saddr { 10.40.0.11, 10.40.0.12 } accept" in said
    assert sum("dport 22 " in line for line in said) == 1


def test_ssh_stays_open_to_its_sources_and_to_no_others() -> None:
    said = lines(Rule("tcp", ("203.0.113.0/24", "203.0.113.7/32"), "22"))
    assert [line for line in said if "dport 22 " in line] == [
        "ip saddr { 203.0.113.0/24 } tcp dport 22 accept"
    ]


def test_rules_without_ssh_from_outside_do_not_lock_us_out() -> None:
    neighbours = Rule("tcp", ("10.40.0.8/29",), "1-65535")
    for rules in ((), (neighbours,), (Rule("icmp", EVERYWHERE),)):
        assert "ip saddr { 0.0.0.0/0 } tcp dport 22 accept" in lines(*rules)


def test_ssh_on_another_port_is_open_where_the_rules_say_22() -> None:
    said = lines(Rule("tcp", ("203.0.113.0/24",), "22"), number=1)
    assert "ip saddr { 203.0.113.0/24 } tcp dport 2222 accept" in said


def test_all_that_other_rooms_put_on_a_machine_is_wiped() -> None:
    written = (
        *(reach.CA_FILE, rclone.CONFIG_FOLDER, program.TASKS, workload.FOLDER),
        *(markers.MARKERS, files.PROGRAMS, archive.FOLDER, layout.ETC, layout.SPOOL),
        *(caddyfile.STORAGE, proxy.CADDYFILE, f"/etc/systemd/system/{workload.UNIT}"),
        *(ssh_files.SSHD_CONFIG, ssh_files.THROWAWAY_KEY, ssh_files.OWN_KEY),
        *(listening.KERNEL_FILE.path, f"{AGAIN_FOLDER}/liferaft.conf", DRILL_RECORD),
        *(file.path for file in drill_files(Allowed((), (), {}), [22])),
        *(f"/etc/sudoers.d/{ssh_files.LOGIN_USER}", f"/etc/systemd/system/{FIREWALL_UNIT}"),
    )
    for path in written:
        around = [str(part) for part in (PurePosixPath(path), *PurePosixPath(path).parents)]
        assert any(fnmatch(part, gone) for part in around for gone in WIPED), path
    assert DRILL_TABLE == drill_ruleset.TABLE, "and it calls whom it likes again"
    assert f"userdel --force --remove {ssh_files.LOGIN_USER}" in wipe_script()


def test_nothing_that_is_not_ours_alone_is_wiped_by_pattern() -> None:
    for pattern in WIPED:
        assert "liferaft" in pattern or pattern in (
            proxy.CADDYFILE,
            "/etc/ssh/sshd_config.d/00-inventory.conf",
        )


def unreachable(cause: Exception) -> Exception:
    error = Unreachable("Asked once")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code", "verdict"),
    [
        (unreachable(ConnectionRefusedError()), "unreachable", Verdict.OUTAGE),
        (unreachable(TimeoutError()), "unreachable", Verdict.OUTAGE),
        (
            unreachable(asyncssh.PermissionDenied("no")),
            *("permission_denied", Verdict.AMBIGUOUS),
        ),
        (HostKeyMismatch("another"), "host_key_mismatch", Verdict.AMBIGUOUS),
        (ConnectionLost("broke"), "connection_lost", Verdict.OUTAGE),
        (CommandFailed("ended", 2, details={}), "exit_2", Verdict.REFUSED),
        (Said("no_free_machine", "none"), "no_free_machine", Verdict.CAPACITY),
        (Said("changed", "was quicker"), "changed", Verdict.THROTTLE),
        (Said("in_use", "answers"), "in_use", Verdict.REFUSED),
        (ValueError("x"), "ValueError", Verdict.OTHER),
    ],
)
def test_each_silence_and_each_refusal_has_its_verdict(
    error: Exception, code: str, verdict: Verdict
) -> None:
    meaning = classify(error)
    assert (meaning.code, meaning.verdict) == (code, verdict)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("key")
    machines = Machines("colo", INVENTORY, {"LIFERAFT_SSH_KEY_FILE": str(path)}, Patience())
    path.chmod(0o640)
    with pytest.raises(BadInput, match="can be read by others"):
        _ = machines.client_key
    path.chmod(0o600)
    assert machines.client_key.get_secret_value() == "key"


def test_want_of_machines_is_helped_by_machines_and_not_by_types() -> None:
    failure = CloudFailure("ssh", "claiming", classify(Said(NO_FREE_MACHINE, "none")), safe="")
    assert "sites.<site>.machines" in failure.facts.do
    assert "sites.<site>.sizes" not in failure.facts.do


def test_the_object_store_is_asked_as_that_of_any_other_cloud() -> None:
    names = ("LIFERAFT_SSH_KEY_FILE", "LIFERAFT_S3_ACCESS_KEY_ID", "LIFERAFT_S3_SECRET_ACCESS_KEY")
    inventory = replace(INVENTORY, objects=ObjectStore("https://s3.test"))
    cloud = open_cloud("ssh", "colo", dict.fromkeys(names, "x"), inventory=inventory)
    plane = cloud.kinds["bucket"]._plane  # type: ignore[attr-defined]  # what it is made with
    assert plane.is_taken("BucketAlreadyOwnedByYou")


def test_what_is_missing_is_said_when_the_cloud_is_opened() -> None:
    with pytest.raises(MissingCredential, match="LIFERAFT_SSH_KEY_FILE"):
        open_cloud("ssh", "colo", {}, inventory=INVENTORY)
    given = {"LIFERAFT_SSH_KEY_FILE": "/nowhere"}
    with pytest.raises(BadInput, match="has no machines"):
        open_cloud("ssh", "colo", given)
    assert set(open_cloud("ssh", "colo", given, inventory=INVENTORY).kinds) == {"address", "server"}


def test_each_way_in_which_a_machine_is_refused_has_an_exit_code_of_its_own() -> None:
    """One that two share is told as the other's reason, with the other's way out."""
    codes = [
        *(scripts.NO_LOCK, scripts.OTHER_RECORD, scripts.NO_HOST_KEY, scripts.USER_DATA_FAILED),
        *(scripts.NO_TOOLS, scripts.INSTALLING, scripts.OTHER_SYSTEM),
        *(proof.NO_LOGIN, proof.SSHD_DIFFERS, proof.OTHER_FIREWALL),
    ]
    assert len(set(codes)) == len(codes)
