"""DNS vendors as octoDNS provider classes, each asked in a thread of its own.

octoDNS's manager applies one target after the other, and a dead one blocks the rest; therefore
the classes are used directly. https://github.com/octodns/octodns#supported-providers lists them.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Protocol, TypeVar

from requests import RequestException

from liferaft.config.provider_class import Unfit, find
from liferaft.config.written_secrets import leaves
from liferaft.dns.budget import OWN_PAUSES, Budget, GivenUp, spent_here
from liferaft.dns.failures import DnsVendorFailed, DnsVendorSilent
from liferaft.failures import BadInput, Failure, Own

Result = TypeVar("Result")
AGAIN_SECONDS: Final = 2.0
"""Until a vendor that is busy is asked again."""
_BROKEN: Final = 500
"""Statuses of HTTP from here on are the server's own fault."""
_OF_VALUES = (TypeError, ValueError, LookupError, AttributeError, FileNotFoundError)
"""What a constructor raises for a value that it cannot use."""


@dataclass(frozen=True)
class DnsVendor:
    """One vendor that holds the zone."""

    name: str
    class_name: str
    """Dotted: `octodns_powerdns.PowerDnsProvider`."""
    options: Mapping[str, Any] = field(repr=False)
    """Arguments of its constructor, secrets filled in: never shown."""


class OctoProvider(Protocol):
    """The part of octoDNS's BaseProvider that we use; octoDNS itself carries no types."""

    def populate(self, zone: Any, *, target: bool, lenient: bool) -> bool | None:
        """Fill the zone; False when the vendor does not have it."""

    def plan(self, desired: Any, processors: list[Any]) -> Any:
        """What has to change, or None."""

    def apply(self, plan: Any) -> int:
        """Do it; how many changes were made."""


def connect(vendor: DnsVendor) -> OctoProvider:
    """The vendor's provider. BadInput if there is no such class, if it takes other options, or if
    it would lose what is not ours."""
    provider_class = find(vendor.class_name)
    if isinstance(provider_class, Unfit):
        raise BadInput(
            f"The DNS vendor {vendor.name} names {vendor.class_name}: {provider_class.reason}.",
            safe=Own("Nothing was changed in the zone."),
            do=f"Name {provider_class.valid}.",
        )
    try:
        options = {**OWN_PAUSES.get(vendor.class_name, {}), **vendor.options}
        provider: OctoProvider = provider_class(vendor.name, **options)
    except TypeError as error:
        raise BadInput(
            f"The options of the DNS vendor {vendor.name} do not fit {vendor.class_name}.",
            do="Compare them with the arguments that the class documents.",
            details={"reason": str(error)},
        ) from error
    return provider


def require_fit(vendor: DnsVendor, *, deadline: float) -> None:
    """Raise BadInput where a class does not take the values that its options have. Blocks.

    Its object is made and thrown away. Classes that call their vendor for that may be slow or fail
    as a network does, which says nothing about the options: the change itself will tell.
    """
    raised: list[Exception] = []

    def work() -> None:
        try:
            connect(vendor)
        except Exception as error:  # noqa: BLE001 - constructors raise anything
            raised.append(error)

    thread = threading.Thread(target=work, name=f"dns-{vendor.name}", daemon=True)
    thread.start()
    thread.join(deadline)
    for error in raised:
        if isinstance(error, BadInput):
            raise error
        if isinstance(error, _OF_VALUES) and not isinstance(error, RequestException):
            raise BadInput(
                f"{vendor.class_name} does not take an option of the DNS vendor {vendor.name}: "
                f"{_without_secrets(f'{type(error).__name__}: {error}', vendor)}",
                safe="Nothing was done.",
                do=f"Correct [dns.vendors.{vendor.name}], or the variable that it names.",
            ) from error


async def ask(
    vendor: DnsVendor, question: Callable[[OctoProvider], Result], deadline: float
) -> Result:
    """The answer of `question` to the vendor's provider, within `deadline` seconds. Once it is not
    waited for any more, nothing is sent to the vendor.

    A daemon thread, not an executor's: a vendor that hangs must not keep the process from ending.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Result] = loop.create_future()
    budget = Budget(deadline)

    def settle(result: Result | None, error: Exception | None) -> None:
        if answer.done():
            return  # nobody waits any more
        if error:
            answer.set_exception(error)
        else:
            answer.set_result(result)  # type: ignore[arg-type]  # no error: it is a Result

    def work() -> None:
        result, error = None, None
        try:
            with spent_here(budget):
                result = _answered(vendor, question, budget)
        except GivenUp:
            return
        except Exception as caught:  # noqa: BLE001 - providers raise anything, even Exception
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop may be closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, name=f"dns-{vendor.name}", daemon=True).start()
    try:
        async with asyncio.timeout(deadline):
            return await answer
    except TimeoutError as error:
        raise _silent(vendor, deadline, budget) from error
    except Failure:
        raise
    except Exception as error:
        raise DnsVendorFailed(
            f"The DNS vendor {vendor.name} gave an error.",
            safe=Own("Other vendors are not affected."),
            do="Correct what it says, then run the same command again.",
            details={"error": _without_secrets(f"{type(error).__name__}: {error}", vendor)},
        ) from error
    finally:
        budget.end()


def _answered(
    vendor: DnsVendor, question: Callable[[OctoProvider], Result], budget: Budget
) -> Result:
    """Asked anew, from the beginning, where the vendor was busy in the middle of a change: some
    classes delete before they create.
    """
    while True:
        try:
            return question(connect(vendor))
        except RequestException as error:
            if not budget.is_writing or not _is_passing(error) or budget.left <= AGAIN_SECONDS:
                raise
        time.sleep(AGAIN_SECONDS)


def _is_passing(error: RequestException) -> bool:
    """No answer at all, or one by which a vendor says that it is busy or broken just now."""
    status = None if error.response is None else error.response.status_code
    return status is None or status == HTTPStatus.TOO_MANY_REQUESTS or status >= _BROKEN


def _silent(vendor: DnsVendor, deadline: float, budget: Budget) -> DnsVendorSilent:
    if budget.is_writing:
        return DnsVendorSilent(
            f"The DNS vendor {vendor.name} did not answer within {deadline:g} s, while it was "
            "asked for the change.",
            safe=Own(
                "Whether it took the change is not known; no more is sent to it. Other vendors are "
                "not affected."
            ),
            do="Run the same command again: it looks first.",
        )
    return DnsVendorSilent(
        f"The DNS vendor {vendor.name} did not answer within {deadline:g} s.",
        safe=Own(
            "It was sent no change, and none is sent any more. Other vendors are not affected."
        ),
        do="Run the same command again, or change the record at the vendor by hand.",
    )


def _without_secrets(text: str, vendor: DnsVendor) -> str:
    """Some SDKs put tokens into URLs and those into messages."""
    for (key, *_), value in leaves((), vendor.options):
        if isinstance(value, str) and value and key not in {"host", "endpoint", "region"}:
            text = text.replace(value, f"({key})")
    return text
