"""How a Compose file starts PostgreSQL: settings out of its command line, the locale out of what
initdb is told. Pure."""

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Final

from liferaft.data.postgres.settings import unsettable

_SETTING: Final = re.compile(r"(?P<name>[A-Za-z_][\w.-]*)=(?P<value>.*)", re.ASCII | re.DOTALL)
_PROGRAMS: Final = ("postgres", "docker-entrypoint.sh")
_NO_MATTER: Final = re.compile(
    r"--(data-checksums|auth(-host|-local)?=.*|encoding=utf-?8)|-k|-E(UTF-?8)|-A.+", re.IGNORECASE
)
_WITH_NEXT: Final = ("-E", "-A", "--encoding", "--locale", "--auth", "--auth-host", "--auth-local")
_LOCALE: Final = "--locale="


class NotStarted(Exception):
    """The database is not started so here; `valid` is what to write instead."""

    def __init__(self, reason: str, valid: str) -> None:
        super().__init__(reason)
        self.valid = valid


def settings_of(command: Sequence[str]) -> Mapping[str, str]:
    """What a command line of `postgres` sets, each by its name. Raises NotStarted."""
    words = list(command)
    while words and words[0] in _PROGRAMS:
        words.pop(0)
    found: dict[str, str] = {}
    while words:
        word = words.pop(0)
        if word == "-c" and words:
            word = words.pop(0)
        elif word.startswith(("-c", "--")):
            word = word[2:]
        else:
            raise NotStarted(f"{word[:80]!r} is not told to PostgreSQL here", "-c NAME=VALUE alone")
        match = _SETTING.fullmatch(word)
        if match is None:
            raise NotStarted(f"{word[:80]!r} sets nothing", "-c NAME=VALUE")
        name = match["name"].replace("-", "_").lower()
        reason = unsettable(name, match["value"])
        if reason:
            raise NotStarted(reason, "the command without it")
        found[name] = match["value"]
    return found


def initdb_locale(arguments: str) -> str | None:
    """The locale that POSTGRES_INITDB_ARGS asks for; None where it asks for none. Raises
    NotStarted for what no database here is made with."""
    try:
        words = shlex.split(arguments)
    except ValueError as error:
        raise NotStarted(f"it cannot be split: {error}", "--locale=C.UTF-8, say") from error
    found = None
    while words:
        word = words.pop(0)
        if word in _WITH_NEXT and words:
            word = f"{word}{'=' if word.startswith('--') else ''}{words.pop(0)}"
        if word.startswith(_LOCALE):
            found = word.removeprefix(_LOCALE)
        elif not _NO_MATTER.fullmatch(word):
            raise NotStarted(
                f"{word[:80]!r} is not told to initdb here",
                "--locale=…, or `locale` of the data set in liferaft.toml",
            )
    return found
