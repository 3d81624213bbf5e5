"""Whether those can be told whom [notify] and `ping` of [drill] name, as far as it is seen here.

Nobody is sent anything. The addresses are secrets: variables are named, and what is wrong with
them.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from liferaft.config.alarm_addresses import alarm_addresses
from liferaft.doctor.check import Answers, Check, CheckSeverity, Diagnosis
from liferaft.doctor.patient import Patient
from liferaft.notify.alarms import UNKNOWN, is_known

_MEND: Final = (
    "Set {name} where drills are played, as https://github.com/caronc/apprise/wiki has it."
)
_MEND_SWITCH: Final = "Set {name} where drills are played: to an https URL."


def of_alarms(patient: Patient) -> Iterator[Check]:
    yield Check(
        "alarms",
        "drills",
        "Can those be told of drills whom [notify] and `ping` of [drill] name?",
        "A drill that failed, or was missed, is found by nobody who is not told of it.",
        partial(_alarms, patient),
    )


def _alarms(patient: Patient) -> Answers:
    """A variable that is not set here may be set where drills are played: only that is known."""
    addresses = alarm_addresses(patient.config, patient.environ)
    flaws = dict(addresses.flaws)
    flaws |= {name: UNKNOWN for name, url in addresses.urls.items() if not is_known(url)}
    switch = (patient.config.drill.ping or "").removeprefix("env/")
    found = [
        Diagnosis(
            CheckSeverity.WARNING,
            f"Nobody is told of drills by {name}: {flaw}.",
            (_MEND_SWITCH if name == switch else _MEND).format(name=name),
        )
        for name, flaw in flaws.items()
    ]
    good = [name for name in addresses.urls if name not in flaws]
    good += [addresses.ping[0]] if addresses.ping else []
    if good:
        finding = f"Each of these holds an address, and nothing was sent there: {', '.join(good)}."
        found.append(Diagnosis(CheckSeverity.OK, finding))
    if not patient.config.notify.urls:
        finding = "[notify] names nobody: who does not see a drill is not told that it failed."
        do = 'Name somebody: `urls = ["env/NAME"]` in [notify].'
        found.append(Diagnosis(CheckSeverity.NOTE, finding, do))
    return found
