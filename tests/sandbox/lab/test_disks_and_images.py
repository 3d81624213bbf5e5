"""Block volumes and machine images, with real hosts that use them."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from tests.sandbox.inside import (
    NETWORK,
    SSH_IN,
    Key,
    leftovers,
    machine,
    ssh,
    state_in,
    until,
)

from liferaft_sandbox.failures import SandboxFailed
from liferaft_sandbox.lab.machines import Attached, Desired, Disk, Image, Machine
from liferaft_sandbox.sandboxes import Sandbox, bring_up, take_down
from liferaft_sandbox.state import cache_folder

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]

DISK = Disk("vol-1", 1)
AT = Attached("vol-1", "nvme-vol1")
DEVICE = "/dev/disk/by-id/nvme-vol1"


@pytest.fixture(scope="module")
def sandbox(home: Path) -> Iterator[Sandbox]:
    state = state_in(home, "disks")
    yield bring_up(state, cache=cache_folder(), say=print)
    take_down(state)
    assert leftovers(state) == []
    assert until(lambda: loops_on(home) == []), loops_on(home)


def loops_on(home: Path) -> list[str]:
    backed: list[str] = []
    for path in Path("/sys/block").glob("loop*/loop/backing_file"):
        with suppress(OSError):  # somebody's device that went at this moment
            backed.append(path.read_text())
    return [file for file in backed if str(home) in file]


def test_a_volume_grows_in_use_and_moves_with_what_is_on_it(
    sandbox: Sandbox, home: Path, key: Key
) -> None:
    supervisor = sandbox.supervisor
    one, two = machine(key, 1, SSH_IN), machine(key, 2, SSH_IN)

    def want(*machines: Machine, disk: Disk = DISK) -> None:
        supervisor.reconcile("aws", Desired((NETWORK,), machines, (disk,)))

    def at(address: str, command: str) -> str:
        return ssh(home, "disks", key, address, command)

    want(replace(one, disks=(AT,)), two)
    prepare = f"sudo mkfs.ext4 -q {DEVICE} && sudo mount {DEVICE} /mnt && echo kept | sudo tee"
    assert at("192.0.2.101", f"{prepare} /mnt/note") == "kept"

    want(replace(one, disks=(AT,)), two, disk=replace(DISK, size=3))
    assert at("192.0.2.101", f"sudo blockdev --getsize64 {DEVICE}") == str(3 * 2**30)
    # Unmounted, since not every machine that tests run on may resize what is mounted.
    resize = f"sudo umount /mnt; sudo e2fsck -fp {DEVICE} >&2; sudo resize2fs {DEVICE} >&2"
    at("192.0.2.101", resize)

    want(one, replace(two, disks=(AT,)), disk=replace(DISK, size=3))
    assert at("192.0.2.101", "ls /dev/disk/by-id") == ""
    assert at("192.0.2.102", f"sudo mount {DEVICE} /mnt && cat /mnt/note") == "kept"
    assert int(at("192.0.2.102", "df --output=size -BM /mnt | tail -1").removesuffix("M")) > 2800
    with pytest.raises(SandboxFailed, match="cannot shrink"):
        want(one, replace(two, disks=(AT,)), disk=DISK)
    supervisor.reconcile("aws", Desired())
    assert until(lambda: loops_on(home) == []), loops_on(home)


def test_a_machine_from_an_image_has_the_files_and_an_identity_of_its_own(
    sandbox: Sandbox, home: Path, key: Key
) -> None:
    supervisor = sandbox.supervisor
    first = machine(key, 3, SSH_IN)

    def want(*machines: Machine, images: tuple[Image, ...] = ()) -> None:
        supervisor.reconcile("aws", Desired((NETWORK,), machines, images=images))

    def identity(address: str) -> list[str]:
        asked = "hostname; cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub; ls /srv"
        return ssh(home, "disks", key, address, asked).split()

    want(first)
    change = "echo 1 | sudo tee /srv/installed; sudo rm /etc/networks; cloud-init status --wait"
    ssh(home, "disks", key, "192.0.2.103", f"{change}; sudo truncate -s0 /etc/machine-id")
    before = identity("192.0.2.103")
    image = Image("ami-1", first.id)
    want(first, images=(image,))
    second = replace(machine(key, 4, SSH_IN), image=image.id)
    want(second, images=(image,))  # the first one goes, its image stays
    after = identity("192.0.2.104")
    assert before[0] == "host-3"
    assert after[0] == "host-4"
    assert before[-1] == after[-1] == "installed"
    assert not set(before[:-1]) - {"ssh-ed25519", "root@host-3"} & set(after)
    gone = ssh(home, "disks", key, "192.0.2.104", "ls /etc/networks 2>&1; true")
    assert "No such file" in gone

    third = replace(machine(key, 5, SSH_IN), image="ami-2")
    again = Image("ami-2", second.id)
    want(second, images=(again,))  # a deleted image stays under the machine that booted from it
    want(third, images=(again,))
    assert identity("192.0.2.105")[-1] == "installed"
    supervisor.reconcile("aws", Desired())
    assert list((sandbox.state.images / "aws").iterdir()) == []


def test_an_image_of_a_machine_that_is_gone_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxFailed, match="which is gone"):
        sandbox.supervisor.reconcile("aws", Desired(images=(Image("ami-9", "i-9"),)))
