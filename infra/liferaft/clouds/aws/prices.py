"""What AWS's price list says."""

from liferaft.clouds.prices import Price, PriceList

_PRICE_LIST = "AWS Price List API (AmazonEC2, AmazonVPC: USE1-PublicIPv4)"
_DAY = "2026-09-28"
_OBJECTS = "https://github.com/mixxor/eu-cloud-prices/blob/99353c0/prices/aws.json"

PRICES = PriceList(
    "USD",
    "us-east-1",
    # In use or idle: https://aws.amazon.com/vpc/pricing/
    address=Price(0.005, _PRICE_LIST, _DAY),
    # https://aws.amazon.com/s3/pricing/ has no base price.
    objects=Price(0.0, "https://aws.amazon.com/s3/pricing/", "2026-08-14"),
    objects_gb=Price(0.023, _OBJECTS, "2026-08-14"),
    # The snapshots behind it: https://aws.amazon.com/ebs/pricing/
    image_gb=Price(0.05, _PRICE_LIST, _DAY),
    volume_gb=Price(0.08, f"{_PRICE_LIST}, gp3", _DAY),
    # By the second, a minute at least. https://aws.amazon.com/ec2/pricing/on-demand/
    least_seconds=60,
)
