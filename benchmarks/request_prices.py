"""List prices of requests at vendors of object storage, each with its source and the day it was
read. They change: what stands here is for orders of magnitude, and nothing is billed by it. What
is there by the month, and costs whether it is asked or not, stands in `clouds/*/prices.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

WRITE, READ, LIST, DELETE = "writes", "reads", "lists", "deletes"
SORTS: Final = (WRITE, READ, LIST, DELETE)
DAYS: Final = 30
"""Of a month."""


@dataclass(frozen=True)
class RequestPrice:
    """US dollars for a million requests, and how many are free on each day."""

    million: float
    free: float = 0.0


FREE: Final = RequestPrice(0.0)


@dataclass(frozen=True)
class RequestPriceList:
    """What one vendor asks for requests to its usual class of storage, where it is cheapest.

    by_sort: what has the same price is billed together, so free requests are shared.
    """

    vendor: str
    by_sort: Mapping[str, RequestPrice]
    source: str
    read_on: str

    def month(self, a_day: Mapping[str, float]) -> float:
        """US dollars a month for so many requests a day."""
        together: dict[RequestPrice, float] = {}
        for sort in SORTS:
            price = self.by_sort.get(sort, FREE)
            together[price] = together.get(price, 0.0) + a_day.get(sort, 0.0)
        return DAYS * sum(
            max(0.0, requests - price.free) * price.million / 1e6
            for price, requests in together.items()
        )


_AWS_WRITE, _AWS_READ = RequestPrice(5.0), RequestPrice(0.4)
_GOOGLE_A, _GOOGLE_B = RequestPrice(5.0), RequestPrice(0.4)
_R2_A, _R2_B = RequestPrice(4.5, free=1_000_000 / DAYS), RequestPrice(0.36, free=10_000_000 / DAYS)
_B2_B, _B2_C = RequestPrice(0.4, free=2_500), RequestPrice(4.0, free=2_500)

PRICE_LISTS: Final = (
    RequestPriceList(
        "AWS S3 Standard, us-east-1",
        {WRITE: _AWS_WRITE, LIST: _AWS_WRITE, READ: _AWS_READ},
        "https://c3x.dev/blog/s3-request-fees-explained, of https://aws.amazon.com/s3/pricing/",
        "2026-11-29",
    ),
    RequestPriceList(
        "Google Standard, a region",
        {WRITE: _GOOGLE_A, LIST: _GOOGLE_A, READ: _GOOGLE_B},
        "https://cloud.google.com/storage/pricing-examples",
        "2026-11-29",
    ),
    RequestPriceList(
        "Cloudflare R2",
        {WRITE: _R2_A, LIST: _R2_A, READ: _R2_B},
        "https://developers.cloudflare.com/r2/pricing/",
        "2026-11-29",
    ),
    RequestPriceList(
        "Backblaze B2",
        {READ: _B2_B, LIST: _B2_C},
        "https://www.backblaze.com/cloud-storage/transaction-pricing",
        "2026-11-29",
    ),
    RequestPriceList("Wasabi", {}, "https://wasabi.com/pricing", "2026-11-29"),
)
