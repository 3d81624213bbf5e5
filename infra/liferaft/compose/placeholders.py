"""Placeholders in what services are told: `${liferaft:bucket.endpoint}` stands for what liferaft
knows of the site that serves, under whatever name the application has for it.

In what was read they stand between two marks that no text means: characters which Unicode leaves to
programs for themselves. So `$${liferaft:…}` stays the text that it is.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from liferaft.compose.findings import ComposeFinding
from liferaft.compose.node import YamlNode

WORD: Final = "liferaft"
NAMED: Final = re.compile(r"[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9][a-z0-9_-]*)*")
"""What may follow `liferaft:`."""
ONLY: Final = "only what services are told under environment or in env_file has placeholders"
INSTEAD: Final = "a variable under environment that the program reads"
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_MARKED: Final = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_TOLD: Final = re.compile(r"x-.*|services\..+\.environment(?:\..+)?|services\..+\.x-.*")


@dataclass(frozen=True)
class WrittenPlaceholder:
    """One place where one service is told what liferaft fills in. at: where it is written."""

    service: str
    variable: str
    name: str
    at: YamlNode = field(repr=False, compare=False)


def marked(name: str) -> str:
    """How a placeholder stands in a text that was read."""
    return f"{_OPEN}{name}{_CLOSE}"


def names_in(text: str) -> tuple[str, ...]:
    """The placeholders of a text, in their order."""
    return tuple(_MARKED.findall(text))


def may_stand(place: str) -> bool:
    """Whether a placeholder may be at this dotted key of a Compose file; what `x-…` says counts
    where it is put."""
    return _TOLD.fullmatch(place) is not None


def unknown(
    written: Sequence[WrittenPlaceholder], known: Collection[str]
) -> Iterator[ComposeFinding]:
    """Those that stand for nothing which this application has."""
    for one in written:
        if one.name not in known:
            near = get_close_matches(one.name, sorted(known), n=1)
            others = f"one of {', '.join(known)}"
            yield one.at.found(
                f"services.{one.service}.environment",
                f"{one.variable}: ${{{WORD}:{one.name}}} stands for nothing here",
                f"${{{WORD}:{near[0]}}}; {others}" if near else others,
            )


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """The text with values in place of placeholders. Raises KeyError for one that has none."""
    return _MARKED.sub(lambda found: values[found[1]], text)
