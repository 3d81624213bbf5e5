"""What a run did, event by event, in the vault and on local disk; and who may run."""

from liferaft.journal.event import Event
from liferaft.journal.holder import LeaseHeld, LeaseLost
from liferaft.journal.journal import Journal, JournalLost, RunTaken
from liferaft.journal.lease import Lease, hold_lease, require_free, require_readable
from liferaft.journal.record import (
    JournalBroken,
    RunRecord,
    StepRecord,
    find_unfinished,
    last_run,
    list_runs,
    read_run,
    what_is_left,
)
from liferaft.journal.run import RunName

__all__ = [
    "Event",
    "Journal",
    "JournalBroken",
    "JournalLost",
    "Lease",
    "LeaseHeld",
    "LeaseLost",
    "RunName",
    "RunRecord",
    "RunTaken",
    "StepRecord",
    "find_unfinished",
    "hold_lease",
    "last_run",
    "list_runs",
    "read_run",
    "require_free",
    "require_readable",
    "what_is_left",
]
