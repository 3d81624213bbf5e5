"""What an authority answered is told in its words, from Caddy's log."""

import json
from dataclasses import dataclass

import pytest

from liferaft.edge.orders import OrderProblem, order_problem
from liferaft.remote.contract import Completed

LIMIT = (
    "HTTP 429 urn:ietf:params:acme:error:rateLimited - too many certificates (5) already issued "
    "for this exact set of identifiers in the last 168h0m0s, retry after 2026-12-06 10:00:00 UTC"
)


@dataclass
class Logging:
    """A host whose Caddy has written this."""

    lines: tuple[str, ...]

    async def run(self, *_: object, **__: object) -> Completed:
        return Completed(0, "\n".join(self.lines).encode(), b"")


def entry(error: object) -> str:
    return json.dumps({"level": "error", "logger": "tls.obtain", "error": error})


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ((), None),
        (("Caddy starts", entry("context canceled"), entry(7), "[1]", "{"), None),
        ((entry(LIMIT),), OrderProblem("rateLimited", LIMIT.partition(" - ")[2])),
        (
            (entry(LIMIT), entry("HTTP 403 urn:ietf:params:acme:error:unauthorized - 404\x1b[1m")),
            OrderProblem("unauthorized", "404[1m"),
        ),
    ],
)
async def test_the_last_problem_of_the_authority_counts(
    lines: tuple[str, ...], problem: OrderProblem | None
) -> None:
    host = Logging(lines)
    found = await order_problem(host, since=0)  # type: ignore[arg-type]  # it runs one command
    assert found == problem
    assert found is None or found.is_limit == (found.kind == "rateLimited")
