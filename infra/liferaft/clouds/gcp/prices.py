"""What Google's price list says."""

from liferaft.clouds.prices import Price, PriceList

_CATALOG = "Cloud Billing Catalog API, as read by https://github.com/xbill9/zombiescan-gcp"
_DAY = "2026"

PRICES = PriceList(
    "USD",
    "us-central1",
    # Idle; in use it is half of that: https://cloud.google.com/vpc/network-pricing
    address=Price(0.010, _CATALOG, _DAY),
    objects=Price(0.0, "https://cloud.google.com/storage/pricing", "2026-09-20"),
    objects_gb=Price(0.020, "https://cloud.google.com/storage/pricing", "2026-09-20"),
    image_gb=Price(0.05, _CATALOG, _DAY),
    volume_gb=Price(0.10, f"{_CATALOG}, pd-balanced", _DAY),
    # By the second, a minute at least. https://cloud.google.com/compute/vm-instance-pricing
    least_seconds=60,
)
