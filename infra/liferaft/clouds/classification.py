"""What a cloud's error means: cut off, unclear, broken, busy, or simply refused.

The table of codes per cloud lives in that cloud's folder; this file has the vocabulary.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from enum import StrEnum

from liferaft.failures import VendorFailure


class Verdict(StrEnum):
    TERMINAL = "terminal"
    """The provider says that the account is suspended or closed."""
    AMBIGUOUS = "ambiguous"
    """Refused in a way that a suspension and a wrong credential share."""
    OUTAGE = "outage"
    """5xx, no answer, no connection: whether the call had an effect is not known."""
    THROTTLE = "throttle"
    """Too many requests; asking again later is right."""
    CAPACITY = "capacity"
    """No room for this size in this zone now; another size or zone may have room."""
    QUOTA = "quota"
    """The account's limit is reached; only the provider, or deleting something, changes that."""
    LACKING = "lacking"
    """The provider does not have what was asked for, and will not have it the next time."""
    REFUSED = "refused"
    """The provider understood and said no: conflict, bad value, in use, gone."""
    OTHER = "other"
    """Nothing that the provider answered (for example a certificate that does not match)."""


@dataclass(frozen=True)
class Classification:
    verdict: Verdict
    code: str
    """The provider's own code; the error's type where the provider did not answer."""
    message: str
    evidence: Mapping[str, str] = field(default_factory=dict)
    """What to show to the provider's support: operation, HTTP status, request id. No secrets."""
    retry_after: float | None = None
    """Seconds that the provider asks us to stay away, where it says so."""
    way_out: str = ""
    """What to do, where that is not what the verdict says of itself."""


def seconds_away(retry_after: str | None, date: str | None) -> float | None:
    """Retry-After in both its forms: seconds, or a date, which is counted from the answer's own
    Date, so that no clock of ours matters. None for anything else.

    https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
    """
    if not retry_after:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        away = parsedate_to_datetime(retry_after) - parsedate_to_datetime(date or "")
    except (TypeError, ValueError):
        return None
    return max(0.0, away.total_seconds())


_WAY_OUT = {
    Verdict.TERMINAL: (
        "The provider says that this account is cut off. If the app is there, "
        "move it: liferaft failover SITE."
    ),
    Verdict.AMBIGUOUS: (
        "Check the credentials first; the same answer comes from an account that is being closed."
    ),
    Verdict.OUTAGE: "Run the same command again once the provider answers.",
    Verdict.THROTTLE: "Wait some minutes, then run the same command again.",
    Verdict.CAPACITY: (
        "Name other machine types in sites.<site>.sizes, or wait, then run the same command again."
    ),
    Verdict.QUOTA: (
        "Ask the provider for a higher limit, or delete what is not needed: "
        "liferaft status --cloud lists what is there."
    ),
    Verdict.LACKING: "Name another region or provider for it, then run the same command again.",
    Verdict.REFUSED: "Change what the provider names, then run the same command again.",
    Verdict.OTHER: "Correct the cause that is named, then run the same command again.",
}

REPEATABLE = (
    "What was created carries its owner token: the same command finds it and makes nothing twice."
)


class CloudFailure(VendorFailure):
    """A cloud did not do what it was asked to; carries its code and what it means."""

    def __init__(self, cloud: str, doing: str, meaning: Classification, *, safe: str) -> None:
        super().__init__(
            f"{cloud}: {doing} failed: {meaning.code}: {meaning.message}",
            safe=safe,
            do=meaning.way_out or _WAY_OUT[meaning.verdict],
            details={
                "cloud": cloud,
                "code": meaning.code,
                "verdict": meaning.verdict.value,
                **meaning.evidence,
            },
        )
        self.classification = meaning
        self._said = (cloud, doing, safe)

    def also(self, **details: str) -> "CloudFailure":
        """The same failure, with more evidence."""
        cloud, doing, safe = self._said
        meaning = replace(self.classification, evidence={**self.classification.evidence, **details})
        return CloudFailure(cloud, doing, meaning, safe=safe)
