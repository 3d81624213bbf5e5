"""What the program is told to do, and what it says came of it: both go as JSON."""

from dataclasses import dataclass
from pathlib import Path

UNITS = Path("/etc/systemd/system")


@dataclass(frozen=True)
class Order:
    """What to do.

    Attributes:
        folder: where the workload's files lie; beside it is what they become and what they were.
        staged: the folder with the new files, the unit among them.
        seconds: how long containers may take until they stay up.
        stays: seconds that a container has to run on for that.
        again: the same for one that has ended before.
        sign: a file that is there from the stop on, until somebody has seen the app well; if the
            new containers do not stay up, it goes. Empty for none.
    """

    folder: str
    staged: str
    unit: str
    project: str
    seconds: float
    stays: float
    again: float
    sign: str = ""

    @property
    def before(self) -> Path:
        """Where what ran before is kept during the change."""
        return Path(f"{self.folder}.before")


@dataclass(frozen=True)
class SwitchReport:
    """What came of it.

    Attributes:
        outcome: `steady`; `unprepared`, when the server could not make ready, and `refused`, when
            podman would not make the containers: nothing was stopped then; `missing`, when it did
            not make them; `unsteady`, when they do not stay up; `broken`, when the change did not
            come so far.
        why: of which services, and what was seen.
        back: of what ran before: `nothing`, `yes`, `no`, or `another epoch`, which stays stopped.
    """

    outcome: str
    why: str = ""
    logs: str = ""
    back: str = "nothing"
