import pytest
import requests
from hcloud import APIException

from liferaft.clouds.classification import Verdict
from liferaft.clouds.hetzner.access import HetznerAccess
from liferaft.clouds.hetzner.errors import classify


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("unauthorized", Verdict.AMBIGUOUS),
        ("forbidden", Verdict.AMBIGUOUS),
        ("resource_locked", Verdict.AMBIGUOUS),
        ("server_error", Verdict.OUTAGE),
        ("bad_gateway", Verdict.OUTAGE),
        ("timeout", Verdict.OUTAGE),
        ("maintenance", Verdict.OUTAGE),
        ("rate_limit_exceeded", Verdict.THROTTLE),
        ("locked", Verdict.THROTTLE),
        ("resource_limit_exceeded", Verdict.QUOTA),
        ("resource_unavailable", Verdict.CAPACITY),
        ("placement_error", Verdict.CAPACITY),
        ("uniqueness_error", Verdict.REFUSED),
        ("resource_in_use", Verdict.REFUSED),
        (502, Verdict.OUTAGE),
        (200, Verdict.OUTAGE),
        (429, Verdict.THROTTLE),
        (403, Verdict.AMBIGUOUS),
        (404, Verdict.REFUSED),
    ],
)
def test_a_code_has_its_verdict(code: int | str, verdict: Verdict) -> None:
    meaning = classify(APIException(code, "m", None, correlation_id="c-1"))
    assert (meaning.verdict, meaning.code) == (verdict, str(code))
    assert meaning.evidence == {"correlation_id": "c-1"}


def test_no_code_of_hetzners_is_terminal() -> None:
    """Hetzner documents none; only a data plane that is dead as well can tell (termination)."""
    codes = ("unauthorized", "forbidden", "resource_locked", 401, 403)
    assert all(
        classify(APIException(code, "m", None)).verdict is Verdict.AMBIGUOUS for code in codes
    )


def test_what_an_earlier_answer_asked_for_does_not_hold_for_a_broken_connection() -> None:
    access = HetznerAccess("fsn1", {"HCLOUD_TOKEN": "t"})
    busy = requests.Response()
    busy.headers["Retry-After"] = "3600"
    access._note_retry_after(busy)  # what the session's hook calls
    throttled = access.classify(APIException("rate_limit_exceeded", "m", None))
    assert throttled.retry_after == 3600
    assert access.classify(requests.ConnectionError("cut")).retry_after is None


def test_no_connection_is_an_outage_and_a_wrong_certificate_is_not() -> None:
    assert classify(requests.ConnectionError("refused")).verdict is Verdict.OUTAGE
    assert classify(requests.ReadTimeout("slow")).verdict is Verdict.OUTAGE
    assert classify(requests.exceptions.SSLError("who are you")).verdict is Verdict.OTHER
