"""Asking a person before anything that costs."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from liferaft.failures import BadInput, Refused


class Declined(Refused):
    """Nobody agreed to it."""


class Consent(Protocol):
    """Who answers."""

    def require(self, what: str, *, kind: str, has_price: bool) -> None:
        """Raises Declined. `what` is a sentence with the price."""
        ...


@dataclass
class GivenAhead:
    """`--yes`: to everything whose price is known, since that alone is bounded."""

    def require(self, what: str, *, kind: str, has_price: bool) -> None:
        if not has_price:
            raise declined(what)


@dataclass
class Asked:
    """A person at a terminal; `all` is an answer for everything of that kind."""

    answer: Callable[[str], str] = input
    agreed: set[str] = field(default_factory=set)

    def require(self, what: str, *, kind: str, has_price: bool) -> None:
        if kind in self.agreed:
            return
        said = self.answer(f"{what}. Make it? [yes/all/no] ").strip().lower()
        if said == "all" and has_price:
            self.agreed.add(kind)
        elif said not in ("y", "yes"):
            raise declined(what)


def consent(*, yes: bool) -> Consent:
    """Raises BadInput where nobody can be asked."""
    if yes:
        return GivenAhead()
    if not sys.stdin.isatty():
        raise BadInput(
            "There is no terminal to ask at before something costs money",
            safe="Nothing was asked of any cloud.",
            do="Run it at a terminal, or agree ahead to all within the budget: YES=1.",
        )
    return Asked()


def declined(what: str) -> Declined:
    return Declined(f"Nobody agreed to this: {what}", safe="It was not made.")
