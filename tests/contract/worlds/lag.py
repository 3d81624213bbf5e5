"""Eventual consistency: what was just created is unknown to the first questions about it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from tests.contract.worlds.line import Asked, Real
from werkzeug.wrappers import Response


class Wire(Protocol):
    """How a provider's requests and answers name things."""

    def created(self, asked: Asked, answer: Response) -> Iterable[str]:
        """The ids of what this request made."""
        ...

    def names(self, asked: Asked, ident: str) -> bool:
        """Whether the question is about exactly this thing."""
        ...

    def unknown(self, asked: Asked, ident: str) -> Response:
        """There is no such thing, in the provider's words."""
        ...

    def without(self, answer: Response, hidden: Iterable[str]) -> tuple[Response, set[str]]:
        """The listing without the rows of these things, and which of them it had."""
        ...


@dataclass
class Lag:
    """A Fault. Each thing made from now on stays hidden from `reads` questions."""

    wire: Wire
    reads: int
    left: dict[str, int] = field(default_factory=dict)

    def __call__(self, asked: Asked, real: Real) -> Response | None:
        if asked.changes_something:
            answer = real()
            if answer.status_code < 300:
                for ident in self.wire.created(asked, answer):
                    self.left.setdefault(ident, self.reads)
            return answer
        hidden = [ident for ident, left in self.left.items() if left > 0]
        for ident in hidden:
            if self.wire.names(asked, ident):
                self.left[ident] -= 1
                return self.wire.unknown(asked, ident)
        if not hidden:
            return None
        answer, missed = self.wire.without(real(), hidden)
        for ident in missed:
            self.left[ident] -= 1
        return answer
