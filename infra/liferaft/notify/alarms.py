"""Alarms, by apprise: it knows more than a hundred ways to reach somebody, and their URLs.

Each URL is a secret, and apprise puts parts of it into what it logs: nothing that it says is passed
on but a code of HTTP. It is imported once there is something to tell: that takes a while.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr

if TYPE_CHECKING:
    from apprise.result import NotifyResult

SECONDS: Final = 20.0
"""After so long nobody is waited for, however many there are: they are told side by side."""
UNKNOWN: Final = "it holds no URL that apprise knows"
_REFUSED: Final = re.compile(r"\berror=([1-5]\d\d)\b")
"""How apprise's services tell the code of an answer."""


@dataclass(frozen=True)
class Untold:
    """Somebody whom an alarm did not reach. variable: what holds the address."""

    variable: str
    why: str


def send(
    urls: Mapping[str, SecretStr], title: str, body: str, *, seconds: float = SECONDS
) -> tuple[Untold, ...]:
    """Tell all of them. Blocks, for `seconds` at most and what apprise takes to be imported; who
    was not reached by then is told of, and nothing is raised.

    urls: by the variable that holds each.
    """
    from apprise import Apprise, NotifyFormat, NotifyType

    failed = list[Untold]()
    services = Apprise()
    for variable, url in urls.items():
        # One URL, though there are commas in it.
        service = Apprise.instantiate(url.get_secret_value(), tag=variable)
        if service is None:
            failed.append(Untold(variable, UNKNOWN))
        else:
            services.add(service)
    if len(services):
        told = services.notify(
            body,
            title,
            notify_type=NotifyType.FAILURE,
            body_format=NotifyFormat.TEXT,
            timeout=seconds,
        )
        failed += (Untold(_variable(one), _why(one, seconds)) for one in told if not one)
    return tuple(failed)


def is_known(url: SecretStr) -> bool:
    """Whether apprise could send something there. Asks nobody; imports apprise."""
    from apprise import Apprise

    return Apprise.instantiate(url.get_secret_value()) is not None


def _variable(result: "NotifyResult") -> str:
    """Its tag, which apprise has in small letters."""
    return result.tag[0].upper()


def _why(result: "NotifyResult", seconds: float) -> str:
    """In our words: what apprise says may quote the address."""
    from apprise.result import AppriseResultStatus

    if result.status == AppriseResultStatus.TIMEOUT:
        return f"no whole answer within {seconds:.0f} s"
    codes = [found[1] for entry in result.logs() if (found := _REFUSED.search(entry.message))]
    return f"it answered {codes[-1]}" if codes else "it could not be reached, or refused"
