"""sshd and its keys: which key a server shows, and whom it lets in."""

import re

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.models.call import Call
from tests.models.machine import Machine, Unit, program
from tests.models.programs.services import starting

from liferaft.hosts.ssh_files import LOGIN_USER, SSHD_CONFIG

AUTHORIZED = f"/home/{LOGIN_USER}/.ssh/authorized_keys"


@program("ssh-keygen")
async def ssh_keygen(call: Call) -> int:
    match call.arguments:
        case ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path]:
            key = Ed25519PrivateKey.generate()
            private = key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.OpenSSH,
                serialization.NoEncryption(),
            )
            call.machine.files.write(path, private, call.machine.clock, 0o600)
            call.machine.files.write(f"{path}.pub", _public(private), call.machine.clock)
            return 0
    return call.refuse()


@program("sshd")
async def sshd(call: Call) -> int:
    if call.arguments == ["-T"]:
        call.say("port 22\nhostkey /etc/ssh/ssh_host_ed25519_key\n")
        return 0
    return 0 if call.arguments[:2] == ["-t", "-f"] else call.refuse()


@starting("ssh.service")
def restarted(machine: Machine) -> bool:
    """It reads its key as it starts."""
    if not machine.files.is_file(SSHD_CONFIG):
        return True
    found = re.search(r"^HostKey (\S+)$", machine.files.read(SSHD_CONFIG).decode(), re.MULTILINE)
    if found:
        path = found[1]
        if not machine.files.is_file(path):
            return False
        machine.kept["shown key"] = _public(machine.files.read(path)).decode().strip()
    return True


def _public(private: bytes) -> bytes:
    key = serialization.load_ssh_private_key(private, None)
    return key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )


def lets_in(machine: Machine, public_key: str) -> bool:
    """Whoever has the private half of this key."""
    files = machine.files
    return files.is_file(AUTHORIZED) and public_key in files.read(AUTHORIZED).decode()


def booted(machine: Machine) -> None:
    """sshd runs from the start, with keys that nobody knows."""
    machine.units["ssh.service"] = Unit(enabled=True, active=True)
    machine.kept.setdefault("shown key", "ssh-ed25519 of-the-image")
