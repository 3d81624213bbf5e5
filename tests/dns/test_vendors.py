"""Vendors are asked in threads of their own, and their failures are told apart."""

import threading
from typing import Any

import pytest

from liferaft.dns.failures import DnsVendorFailed, DnsVendorSilent
from liferaft.dns.vendors import DnsVendor, ask, require_fit
from liferaft.failures import BadInput

PATIENCE = 60.0
"""Seconds for an answer; the first one loads the vendor's package."""
POWERDNS = DnsVendor(
    "one",
    "octodns_powerdns.PowerDnsProvider",
    {"host": "127.0.0.1", "api_key": "hush-hush", "port": 1},
)


async def test_the_answer_comes_from_the_vendors_provider() -> None:
    assert (
        await ask(POWERDNS, lambda provider: type(provider).__name__, PATIENCE)
        == "PowerDnsProvider"
    )


async def test_a_vendor_that_hangs_is_left_behind_at_the_deadline() -> None:
    over, answered = threading.Event(), threading.Event()

    def hang(_: Any) -> None:
        over.wait(PATIENCE)
        answered.set()

    with pytest.raises(DnsVendorSilent) as caught:
        await ask(POWERDNS, hang, 0.2)
    assert not answered.is_set()
    over.set()
    assert "one did not answer within 0.2 s" in caught.value.facts.happened


async def test_whatever_a_provider_raises_is_a_failure_of_that_vendor_without_its_secrets() -> None:
    def refuse(_: Any) -> None:
        raise Exception("401 for https://api.example/?token=hush-hush")  # noqa: TRY002 - as they do

    with pytest.raises(DnsVendorFailed) as caught:
        await ask(POWERDNS, refuse, PATIENCE)
    assert caught.value.facts.details == {
        "error": "Exception: 401 for https://api.example/?token=(api_key)"
    }
    assert "hush-hush" not in repr(POWERDNS)


@pytest.mark.parametrize(
    ("class_name", "options", "reason"),
    [
        ("octodns_nowhere.Provider", {}, "cannot be imported"),
        ("octodns_powerdns.Nothing", {}, "cannot be imported"),
        ("octodns_powerdns.PowerDnsProvider", {"hots": "x"}, "do not fit"),
    ],
)
async def test_a_class_or_option_that_does_not_exist_is_bad_input(
    class_name: str, options: dict[str, str], reason: str
) -> None:
    with pytest.raises(BadInput, match=reason):
        await ask(DnsVendor("one", class_name, options), str, PATIENCE)


def particular(algorithm: str) -> DnsVendor:
    options = {"algorithm": algorithm, "token": "geheim"}
    return DnsVendor("one", "tests.config.classes.Particular", options)


@pytest.mark.parametrize(
    ("algorithm", "reason"),
    [
        ("unknown", r"ValueError: no algorithm \(algorithm\), token \(token\)"),
        ("absent", "KeyError"),
    ],
)
def test_a_value_that_a_class_cannot_use_is_told_without_its_secrets(
    algorithm: str, reason: str
) -> None:
    with pytest.raises(BadInput, match=reason) as caught:
        require_fit(particular(algorithm), deadline=30)
    assert "geheim" not in caught.value.facts.happened
    assert "[dns.vendors.one]" in caught.value.facts.do


@pytest.mark.parametrize("algorithm", ["good", "away", "no answer"])
def test_a_vendor_that_is_away_while_its_class_is_made_says_nothing_of_the_options(
    algorithm: str,
) -> None:
    require_fit(particular(algorithm), deadline=30)


def test_a_class_that_waits_for_its_vendor_is_not_waited_for() -> None:
    require_fit(particular("silent"), deadline=0.1)
