"""Hand-written answers: moments are seconds, the termination is at 100, the command at 110."""

from collections.abc import Callable

import pytest

from liferaft_sandbox.users.records import Answer, Kind, Written

OLD, NEW = "192.0.2.100", "198.51.100.100"
MakeAnswer = Callable[..., Answer]


@pytest.fixture
def answer() -> MakeAnswer:
    """Makes a good read at the old site that took a tenth of a second, unless told otherwise."""

    def make(
        end: float,
        kind: Kind = Kind.READ,
        *,
        address: str | None = OLD,
        resolver: str = "r1",
        status: int | None = 200,
        holding: bool = False,
        error: str | None = None,
        written: tuple[Written, ...] = (),
        seconds: float = 0.1,
    ) -> Answer:
        return Answer(
            user="user0",
            resolver=resolver,
            kind=kind,
            path="/",
            start=end - seconds,
            end=end,
            address=address,
            status=status,
            holding=holding,
            error="HTTP 503" if holding else error,
            written=written,
        )

    return make
