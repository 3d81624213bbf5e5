"""The exit codes of every command: one table."""

from liferaft.failures import (
    Altered,
    BadInput,
    DeadlinePassed,
    Failure,
    Held,
    Refused,
    Unproven,
    VendorFailure,
)

FAILED = 1
USAGE = 2  # Click's own, for options and arguments
BAD_INPUT = 3
REFUSED = 4
HELD = 5
VENDOR = 6
DEADLINE = 7
DECLINED = 8
UNPROVEN = 9
WARNED = 10
CRITICAL = 11
ALTERED = 12
BUG = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED = 130

MEANINGS = {
    0: "done, or nothing to do",
    FAILED: "failed; the message says what is safe and what to do",
    USAGE: "wrong options or arguments",
    BAD_INPUT: "the configuration or another input is not valid",
    REFUSED: "will not be done, for the reason given",
    HELD: "somebody else holds the lock or the lease",
    VENDOR: "a vendor refused or failed a request",
    DEADLINE: "a bounded wait ended",
    DECLINED: "the plan was shown and not agreed to; nothing was done",
    UNPROVEN: "a recovery point was tried and does not come back whole",
    WARNED: "the doctor found what wants mending, or somebody gave no answer",
    CRITICAL: "the doctor found what keeps a failover from working, or users from being served",
    ALTERED: "a report is not as it was signed, or is not signed",
    BUG: "liferaft itself has a defect; the message says where its traceback was saved",
    INTERRUPTED: "interrupted; the message says which command goes on from there",
}

_CODES: tuple[tuple[type[Failure], int], ...] = (
    (BadInput, BAD_INPUT),
    (Refused, REFUSED),
    (Held, HELD),
    (VendorFailure, VENDOR),
    (DeadlinePassed, DEADLINE),
    (Unproven, UNPROVEN),
    (Altered, ALTERED),
)


def code_of(failure: Failure) -> int:
    """The exit code for a failure, or for its cause; FAILED where neither has one of its own."""
    for kind, code in _CODES:
        if isinstance(failure, kind):
            return code
    cause = failure.__cause__
    return code_of(cause) if isinstance(cause, Failure) else FAILED
