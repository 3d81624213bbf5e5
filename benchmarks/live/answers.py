"""An answer that differed from what was assumed, told so that nothing in it is a secret."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from liferaft.clouds.classification import CloudFailure
from liferaft.failures import Failure

_SHORTEST = 6
"""A value of fewer letters is a word (a region, a port), and would be found everywhere."""
_TOLD = ("operation", "status", "command", "tried")
"""What of the evidence says something of the request, and nothing of who made it."""
_PATTERNS = (
    (re.compile(r"\barn:[^\s'\",)]+"), "[arn]"),
    (re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA|GOOG)[A-Z0-9]{8,}"), "[key]"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "[mail]"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), "[id]"),
    (re.compile(r"(?<![\w/+])[\w/+=-]{32,}"), "[long]"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b"), "[address]"),
    (re.compile(r"\b\d{9,}\b|\b\d{4}-\d{4}-\d{4}\b"), "[number]"),
)
_LONGEST = 500


@dataclass(frozen=True)
class Came:
    """What came instead. `status` is HTTP's, empty where it is not known."""

    error: str
    message: str
    verdict: str = ""
    status: str = ""
    code: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """One answer: the step in which it came, the request in words, and what was expected."""

    step: str
    asked: str
    expected: str
    came: Came


class Differs(Exception):
    """An answer that is no error, and not what was expected. `came` says it in words."""

    def __init__(self, came: str) -> None:
        super().__init__(came)


@dataclass(frozen=True)
class Redaction:
    """Takes out of a text what belongs to an account."""

    values: tuple[str, ...]

    @classmethod
    def of(cls, credentials: Mapping[str, str]) -> "Redaction":
        """Whatever the credentials hold, the contents of a key file among it."""
        values = [
            value
            for value in [*credentials.values(), *_in_key_file(credentials)]
            if len(value) >= _SHORTEST and not value.startswith(("http://", "https://", "/"))
        ]
        return cls(tuple(sorted(values, key=len, reverse=True)))

    def __call__(self, text: str) -> str:
        for value in self.values:
            text = text.replace(value, "[secret]")
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text[:_LONGEST]

    def came(self, error: BaseException) -> Came:
        """What an error says, without what it says of us."""
        name = type(error).__name__
        if isinstance(error, CloudFailure):
            meaning = error.classification
            told = {key: self(meaning.evidence[key]) for key in _TOLD if key in meaning.evidence}
            return Came(
                name,
                self(meaning.message),
                verdict=meaning.verdict.value,
                status=told.pop("status", ""),
                code=meaning.code,
                evidence=told,
            )
        text = error.facts.happened if isinstance(error, Failure) else str(error)
        return Came(name, self(text))


def _in_key_file(credentials: Mapping[str, str]) -> Iterable[str]:
    """What Google's key file says of the account."""
    path = Path(credentials.get("GOOGLE_APPLICATION_CREDENTIALS") or "/nowhere")
    if not path.is_file():
        return []
    told: Mapping[str, str] = json.loads(path.read_text())
    names = ("project_id", "client_email", "client_id", "private_key_id")
    return [told[name] for name in names if name in told]
