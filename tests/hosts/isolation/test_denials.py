"""What a drill's host tells of what it denied."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from liferaft.hosts.isolation.denials import Denied, denied
from liferaft.remote.acts import HostActFailed
from liferaft.remote.contract import Completed


@dataclass
class Telling:
    """A host whose gate tells this."""

    told: dict[str, Any] | None
    address: str = "192.0.2.1"

    async def run(self, *_: object, **__: object) -> Completed:
        if self.told is None:
            return Completed(2, b"", b"there is no gate here")
        return Completed(0, json.dumps(self.told).encode(), b"")


def one(asked: str, how: str, port: int, by_what: str, by: str, first: float) -> dict[str, Any]:
    told = {"what": "name", "asked": asked, "how": how, "port": port, "by_what": by_what, "by": by}
    return told | {"count": 3, "first": first, "last": first + 60}


async def told(
    *rows: dict[str, Any], given: dict[str, list[str]] | None = None
) -> tuple[Denied, ...]:
    host: Any = Telling({"denied": rows, "given": given or {}})
    return await denied(host)


async def test_the_first_that_was_asked_for_is_told_first() -> None:
    later = one("b.example", "A", 0, "unit", "nightly.service", 200.0)
    sooner = one("a.example", "A", 0, "container", "app_web_1", 100.0)
    assert [found.asked for found in await told(later, sooner)] == ["a.example", "b.example"]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (
            one("mail.example", "A", 0, "container", "app_web_1", 1.0),
            "container app_web_1: mail.example, A, 3 times",
        ),
        (
            one("192.0.2.7", "tcp", 25, "unit", "nightly.service", 1.0),
            "nightly.service: 192.0.2.7 port 25 (smtp.example), tcp, 3 times",
        ),
        (
            one("192.0.2.9", "icmp", 0, "user", "33", 1.0),
            "user 33: 192.0.2.9, icmp, 3 times",
        ),
        (
            one("192.0.2.9", "udp", 514, "unit", "", 1.0),
            "a process that has ended: 192.0.2.9 port 514, udp, 3 times",
        ),
        (one("mail.example", "A", 0, "", "", 1.0), "somebody: mail.example, A, 3 times"),
    ],
)
async def test_each_is_told_in_a_sentence_with_who_asked_and_by_which_name_it_was_known(
    row: dict[str, Any], sentence: str
) -> None:
    (found,) = await told(row, given={"192.0.2.7": ["smtp.example"]})
    assert str(found) == sentence


async def test_a_name_that_was_asked_for_is_no_call() -> None:
    named = one("mail.example", "A", 0, "", "", 1.0)
    called = one("192.0.2.7", "tcp", 25, "", "", 2.0)
    assert [found.is_call for found in await told(named, called)] == [False, True]


async def test_a_host_that_was_never_shut_tells_nothing_and_says_so() -> None:
    host: Any = Telling(None)
    with pytest.raises(HostActFailed, match=r"Asking 192\.0\.2\.1 what it denied failed"):
        await denied(host)
