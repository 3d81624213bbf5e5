"""The shape of every error that reaches a person: what happened, to what, what is safe, what to do.

A failure is a type, so that the command line maps it to an exit code in one table
(`liferaft_cli.exits`), and it carries its facts apart, so that `--json` can show them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


class Own(str):
    """What is safe of the thing that failed, whatever else was done before: the only such sentence
    that is told of a step whose run has changed something by then. It names its own object."""

    __slots__ = ()


@dataclass(frozen=True)
class Facts:
    """What an operator needs to know about one failure. Never holds a secret."""

    happened: str
    """One sentence, past tense: `Creating server app-1 was refused: quota exceeded`."""
    safe: str = ""
    """What is unharmed, as far as this failure alone goes: `Nothing was changed.`"""
    do: str = ""
    """The next thing to do: `Raise the quota, then run the same command again.`"""
    details: Mapping[str, str] = field(default_factory=dict)
    """Provider codes, addresses, paths: for reports and support requests."""


class Failure(Exception):
    """An error with facts. Rooms subclass it or a kind below; nothing else is raised on purpose."""

    def __init__(
        self,
        happened: str,
        *,
        safe: str = "",
        do: str = "",
        details: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(happened)
        self.facts = Facts(happened, safe, do, dict(details or {}))


class BadInput(Failure):
    """What was given cannot be understood or is not valid: configuration, arguments, files."""


class Refused(Failure):
    """What was asked for will not be done, and nothing was touched (unsupported, unsafe)."""


class Held(Failure):
    """Somebody else is doing something that this would disturb: a lock or a lease is taken."""


class VendorFailure(Failure):
    """A vendor refused or failed a request. `details` carries its code and message."""


class DeadlinePassed(Failure):
    """A bounded wait ended. `happened` says what was waited for and for how many seconds."""


class Altered(Failure):
    """Something that was signed is not what was signed, or nobody who may has signed it."""


class Unproven(Failure):
    """What was kept was tried, and does not come back as it was."""
