"""One question that the doctor asks, and what came of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

ASK_SECONDS: Final = 20.0
"""For one question, unless it says otherwise."""


class CheckSeverity(StrEnum):
    """The worst last."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; nothing has to be done."""
    UNKNOWN = "unknown"
    """It could not be asked, which is never the same as well."""
    WARNING = "warning"
    """A failover would work, and cost more, or depend on what may fail."""
    CRITICAL = "critical"
    """A failover would not work now, or users are not served."""

    @property
    def rank(self) -> int:
        return list(CheckSeverity).index(self)


@dataclass(frozen=True)
class Diagnosis:
    """What came of a question: one sentence, and how it is mended.

    is_answered: False where whoever was asked gave no answer. Of what nobody can be asked here the
    severity is unknown as well, and this is True: no watcher has to be woken for it.
    facts: for machines, what docs/doctor.md says of the question.
    """

    severity: CheckSeverity
    finding: str
    mend: str = ""
    is_answered: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict)


Answers = Sequence[Diagnosis]


@dataclass(frozen=True)
class Check:
    """One question. It creates nothing and writes nothing.

    Attributes:
        name: what docs/doctor.md calls it.
        about: whom or what it is asked of: `vault main`.
        asks: the question, as a sentence.
        why: why it matters.
        ask: asks, and blocks; raises Failure where there is no answer.
        seconds: how long it may take.
        silence: how bad it is when there is no answer in time.
    """

    name: str
    about: str
    asks: str
    why: str
    ask: Callable[[], Answers]
    seconds: float = ASK_SECONDS
    silence: CheckSeverity = CheckSeverity.UNKNOWN


@dataclass(frozen=True)
class Examined:
    """A question with one of its answers, as people and machines are told it."""

    name: str
    about: str
    asks: str
    severity: CheckSeverity
    finding: str
    why: str
    mend: str
    is_answered: bool
    facts: Mapping[str, Any]

    @classmethod
    def of(cls, check: Check, said: Diagnosis) -> "Examined":
        return cls(
            check.name,
            check.about,
            check.asks,
            said.severity,
            said.finding,
            check.why,
            said.mend,
            said.is_answered,
            said.facts,
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"severity": self.severity.value}
