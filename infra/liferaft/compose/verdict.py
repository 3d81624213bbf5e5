"""What becomes of one key of the specification."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class KeyFate(StrEnum):
    """Every key of the specification has one."""

    RUN = "run"
    DONE = "done by liferaft"
    REFUSED = "refused"


def _is_harmless_never(_: Any) -> bool:
    return False


@dataclass(frozen=True)
class KeyVerdict:
    """A row of the table in docs/compose.md.

    Attributes:
        path: the key from the top of the file, with `*` for a name and `[]` for an item.
        words: what it does here, who does it instead, or why it is refused.
        instead: what to write in place of what is refused.
        whole: whether the keys below share its fate.
        harmless: whether a value of a refused key asks for nothing that is refused.
    """

    path: str
    fate: KeyFate
    words: str
    instead: str = ""
    whole: bool = False
    harmless: Callable[[Any], bool] = _is_harmless_never

    @property
    def row(self) -> str:
        below = ", with all below it" if self.whole else ""
        told = f"{self.words}. Instead: {self.instead}" if self.instead else self.words
        return f"| `{self.path}`{below} | {self.fate} | {told} |"


def _under(prefix: str, rows: Mapping[str, str]) -> tuple[KeyVerdict, ...]:
    return tuple(KeyVerdict(f"{prefix}{path}", KeyFate.RUN, words) for path, words in rows.items())


def run(prefix: str, rows: Mapping[str, str]) -> tuple[KeyVerdict, ...]:
    """Keys that are run as they are written."""
    return _under(prefix, rows)


def done(prefix: str, rows: Mapping[str, str]) -> tuple[KeyVerdict, ...]:
    """Keys that liferaft sees to, with all below them."""
    return tuple(
        KeyVerdict(f"{prefix}{path}", KeyFate.DONE, words, whole=True)
        for path, words in rows.items()
    )


def refused(
    prefix: str,
    rows: Mapping[str, tuple[str, str]],
    harmless: Callable[[Any], bool] = _is_harmless_never,
) -> tuple[KeyVerdict, ...]:
    """Keys that no server of a failover can honour: why, and what to write instead."""
    return tuple(
        KeyVerdict(f"{prefix}{path}", KeyFate.REFUSED, why, instead, whole=True, harmless=harmless)
        for path, (why, instead) in rows.items()
    )


def is_off(value: Any) -> bool:
    """Says nothing, or no."""
    return value in (None, False, "false", "", "no", [], {})
