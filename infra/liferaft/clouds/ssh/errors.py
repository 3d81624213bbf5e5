"""What a machine's silence or refusal means.

There is no control plane here and no account that could be suspended: a machine answers or it does
not. One that answers with another host key, or does not let us in, may have been rebuilt or taken
back by who provides it, or may be somebody else: only a person can tell.
"""

import asyncssh

from liferaft.clouds.classification import Classification, Verdict
from liferaft.failures import DeadlinePassed, Failure
from liferaft.remote import CommandFailed, ConnectionLost, HostKeyMismatch, Unreachable

CHANGED = "changed"
BUSY = "busy"
IN_USE = "in_use"
GONE = "gone"
NO_FREE_MACHINE = "no_free_machine"
INSTALLING = "installing"
NO_LOGIN = "no_login"
SSHD_DIFFERS = "sshd_differs"
OTHER_FIREWALL = "other_firewall"
OTHER_SYSTEM = "other_system"

_BY_KIND: tuple[tuple[type[Failure], str, Verdict], ...] = (
    (HostKeyMismatch, "host_key_mismatch", Verdict.AMBIGUOUS),
    (Unreachable, "unreachable", Verdict.OUTAGE),
    (ConnectionLost, "connection_lost", Verdict.OUTAGE),
    (DeadlinePassed, "deadline_passed", Verdict.OUTAGE),
)


class Said(Failure):
    """A machine's record, or all of them together, say no."""

    def __init__(self, code: str, message: str, **evidence: str) -> None:
        super().__init__(message, details=evidence)
        self.code = code


ERRORS: tuple[type[Exception], ...] = (
    Said,
    CommandFailed,
    ConnectionLost,
    HostKeyMismatch,
    DeadlinePassed,
)

_ANOTHER_MACHINE = (
    "Declare another machine in sites.<site>.machines, or destroy what holds one, then run the "
    "same command again."
)
_WAYS_OUT = {
    NO_FREE_MACHINE: _ANOTHER_MACHINE,
    NO_LOGIN: (
        "Let the machine's sshd_config admit that user (AllowGroups, AllowUsers, DenyUsers) with "
        "keys from .ssh/authorized_keys (AuthorizedKeysFile); the details say what it goes by. "
        "Then run the same command again."
    ),
    SSHD_DIFFERS: (
        "Let the machine's /etc/ssh/sshd_config begin with the line `Include "
        "/etc/ssh/sshd_config.d/*.conf`; the details name what it does not go by. Then run the "
        "same command again."
    ),
    OTHER_FIREWALL: (
        "Turn it off (`ufw disable`, `systemctl disable --now firewalld`, or take its table out of "
        "/etc/nftables.conf): liferaft keeps a table of its own. Then run the same command again."
    ),
    OTHER_SYSTEM: (
        "The details say what it runs; `system` in [app], or the site that reigns, says what the "
        "application's servers run. Have the machine installed with that release, or declare "
        "another one in sites.<site>.machines. Then run the same command again."
    ),
    INSTALLING: "Run the same command again when that installation has ended.",
}
_VERDICTS = {
    # Another run was quicker, or is at work on the machine right now: look again.
    CHANGED: Verdict.THROTTLE,
    BUSY: Verdict.THROTTLE,
    NO_FREE_MACHINE: Verdict.CAPACITY,
}


def classify(error: Exception) -> Classification:
    """The verdict on anything that `liferaft.remote` or a record raises."""
    if isinstance(error, Said):
        verdict = _VERDICTS.get(error.code, Verdict.REFUSED)
        way_out = _WAYS_OUT.get(error.code, "")
        said = error.facts
        return Classification(verdict, error.code, said.happened, said.details, way_out=way_out)
    if not isinstance(error, Failure):
        return Classification(Verdict.OTHER, type(error).__name__, str(error))
    code, verdict = _meaning(error)
    return Classification(verdict, code, error.facts.happened, error.facts.details)


def is_gone(code: str) -> bool:
    return code == GONE


def is_busy(code: str) -> bool:
    return code in {IN_USE, BUSY, CHANGED}


def _meaning(error: Failure) -> tuple[str, Verdict]:
    if isinstance(error, Unreachable) and isinstance(error.__cause__, asyncssh.PermissionDenied):
        return "permission_denied", Verdict.AMBIGUOUS
    if isinstance(error, CommandFailed):
        return f"exit_{error.exit_code}", Verdict.REFUSED
    for kind, code, verdict in _BY_KIND:
        if isinstance(error, kind):
            return code, verdict
    return type(error).__name__, Verdict.OTHER
