"""What Hetzner's price list says. Types of servers bring their prices with them, from its API."""

from liferaft.clouds.prices import Price, PriceList

# Gross there, 19 % VAT taken off here. Those of today are Hetzner's own from
# https://docs.hetzner.com/general/infrastructure-and-availability/price-adjustment/ .
_READING = "https://github.com/mixxor/eu-cloud-prices/blob/40e3af6/prices/hetzner.json"
_DAY = "2026-08-17"

PRICES = PriceList(
    "EUR",
    "fsn1",
    address=Price(0.50 / 730, f"{_READING} (0.50 a month)", _DAY),
    objects=Price(6.49, f"{_READING} (1 TB included)", _DAY),
    objects_gb=Price(0.0087, _READING, _DAY),
    image_gb=Price(0.0143, _READING, _DAY),
    volume_gb=Price(0.0572, _READING, _DAY),
    # Hours are rounded up. https://docs.hetzner.com/cloud/billing/faq
    least_seconds=3600,
)
