"""What a site costs while it stands by: an estimate from list prices, before anything is made."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from liferaft.clouds.kinds import ServerSpec
from liferaft.clouds.prices import HOURS_A_MONTH, Price, PriceList
from liferaft.clouds.registry import entry
from liferaft.config import Config

IMAGE_GB = int(ServerSpec.disk)
"""The disk of which an image is made; clouds charge what of it is used."""


@dataclass(frozen=True)
class MonthlyCost:
    """One thing that is there; `monthly` is None where its price is not known."""

    what: str
    monthly: float | None
    source: str = ""
    read: str = ""

    def __str__(self) -> str:
        known = "not known" if self.monthly is None else f"{self.monthly:.2f}"
        return f"{self.what} {known}"


@dataclass(frozen=True)
class StandbyCosts:
    """Of one site, in `currency`, where the price list holds (`region`)."""

    site: str
    currency: str
    region: str
    rows: tuple[MonthlyCost, ...]

    @property
    def monthly(self) -> float | None:
        """None if a price is not known."""
        amounts = [row.monthly for row in self.rows]
        known = [amount for amount in amounts if amount is not None]
        return round(sum(known), 2) if len(known) == len(amounts) else None

    @property
    def sentence(self) -> str:
        """For a person."""
        parts = ", ".join(str(row) for row in self.rows)
        if not self.region:
            return f"What {self.site} costs while it stands by is not known: {parts}."
        known = sum(row.monthly or 0.0 for row in self.rows)
        amount = f"about {known:.2f}" if self.monthly is not None else f"more than {known:.2f}"
        days = min((row.read for row in self.rows if row.read), default="no day")
        return (
            f"Standing by, {self.site} costs {amount} {self.currency} a month: {parts}. "
            f"An estimate from list prices ({self.region}, {days}), net; servers cost while it "
            "reigns."
        )

    def to_json(self) -> dict[str, Any]:
        """Amounts that are not known are null."""
        return {
            "currency": self.currency,
            "region": self.region,
            "monthly": self.monthly,
            "rows": [asdict(row) for row in self.rows],
        }


def standby_costs(config: Config, site: str, *, has_image: bool) -> StandbyCosts:
    """Of what a deploy keeps at a site that does not reign.

    has_image: whether it has a machine image to boot from.
    """
    prices = entry(config.sites[site].cloud).prices
    rows = tuple(_rows(config, site, prices, has_image=has_image))
    return StandbyCosts(site, prices.currency, prices.region, rows)


def _rows(
    config: Config, site: str, prices: PriceList, *, has_image: bool
) -> Iterator[MonthlyCost]:
    if config.sites[site].machines:
        yield MonthlyCost("the rented machines", None)
    else:
        yield _row("the reserved address", prices.address, HOURS_A_MONTH)
    if config.in_buckets:
        yield _row("the object store", prices.objects, 1)
    if has_image:
        yield _row(f"the machine image, up to {IMAGE_GB} GB,", prices.image_gb, IMAGE_GB)


def _row(what: str, price: Price | None, units: float) -> MonthlyCost:
    if price is None:
        return MonthlyCost(what, None)
    return MonthlyCost(what, round(price.amount * units, 2), price.source, price.read)
