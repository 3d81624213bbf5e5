import pytest
from benchmarks.request_prices import LIST, PRICE_LISTS, READ, WRITE
from benchmarks.requests import a_day, counts_in

METRICS = """\
# HELP SeaweedFS_s3_request_total Counter of s3 requests.
SeaweedFS_s3_in_flight_requests{type="PUT"} 3
SeaweedFS_s3_request_total{bucket="chirp-vault",code="200",type="GET"} 40
SeaweedFS_s3_request_total{bucket="chirp-vault",code="404",type="GET"} 2
SeaweedFS_s3_request_total{bucket="chirp-vault",code="200",type="LIST"} 1.5e+03
SeaweedFS_s3_request_total{bucket="old-media",code="204",type="DELETE"} 7
"""


def test_a_refusal_is_a_request_that_is_billed_as_well() -> None:
    assert counts_in(METRICS) == {
        "chirp-vault": {"reads": 42, "lists": 1500},
        "old-media": {"deletes": 7},
    }


def test_two_counts_are_told_for_a_day() -> None:
    before, after = {"v": {READ: 10.0}}, {"v": {READ: 20.0, WRITE: 1.0}}
    assert a_day(before, after, 60.0) == {"v": {READ: 14400, WRITE: 1440}}


@pytest.mark.parametrize(
    ("vendor", "requests", "expected"),
    [
        ("AWS", {WRITE: 10_000, LIST: 10_000, READ: 100_000}, 30 * (0.05 + 0.05 + 0.04)),
        ("Google", {WRITE: 1_000, READ: 1_000}, 30 * (0.005 + 0.0004)),
        ("Cloudflare", {WRITE: 30_000, READ: 300_000}, 0.0),
        ("Backblaze", {WRITE: 1e9, READ: 2_500, LIST: 3_500}, 30 * 0.004),
        ("Wasabi", {WRITE: 1e9}, 0.0),
    ],
)
def test_a_month_costs_what_the_vendor_says(
    vendor: str, requests: dict[str, float], expected: float
) -> None:
    (prices,) = (one for one in PRICE_LISTS if one.vendor.startswith(vendor))
    assert prices.month(requests) == pytest.approx(expected)


def test_each_price_has_its_source_and_the_day_it_was_read() -> None:
    for prices in PRICE_LISTS:
        assert prices.source.startswith("https://")
        assert prices.read_on >= "2026-11-29"
