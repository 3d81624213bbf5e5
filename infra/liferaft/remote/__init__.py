"""One SSH connection to one host; acts, files, markers, programs, packages and waiting over it."""

from liferaft.remote.contract import (
    CommandFailed,
    Completed,
    ConnectionLost,
    Host,
    HostKeyMismatch,
    Unreachable,
)
from liferaft.remote.ssh import SshHost, connect

__all__ = [
    "CommandFailed",
    "Completed",
    "ConnectionLost",
    "Host",
    "HostKeyMismatch",
    "SshHost",
    "Unreachable",
    "connect",
]
