"""What things cost by the clouds' price lists: figures with their sources, for estimates only.

Net prices, without discounts and free tiers, of the region that the list names: others differ in
level. What nobody was found to say is None, and is told as not known. Types of servers are not
here: a cloud's `sizes` say what each costs by the hour.
"""

from dataclasses import dataclass, fields

HOURS_A_MONTH = 730
"""As the clouds count them."""


@dataclass(frozen=True)
class Price:
    """An amount in the list's currency.

    Attributes:
        source: the page that says so, or who has read it there.
        read: when, as YYYY-MM-DD or less.
    """

    amount: float
    source: str
    read: str


@dataclass(frozen=True)
class PriceList:
    """One cloud's.

    Attributes:
        currency: ISO 4217.
        region: where these prices hold.
        address: a reserved IPv4 address at which no server answers, by the hour.
        objects: an object store as soon as there is a bucket in it, by the month.
        objects_gb: what lies there, by the GB and month, beyond what `objects` includes.
        image_gb: a machine image, by the GB and month.
        volume_gb: a block volume, by the GB and month.
        least_seconds: what is there for a shorter time is charged for this long, and every
            further beginning of it is charged whole.
    """

    currency: str
    region: str
    address: Price | None = None
    objects: Price | None = None
    objects_gb: Price | None = None
    image_gb: Price | None = None
    volume_gb: Price | None = None
    least_seconds: int = 3600

    @property
    def read(self) -> str:
        """When the oldest of its figures was read; empty if none is known."""
        figures = (getattr(self, field.name) for field in fields(self))
        return min((one.read for one in figures if isinstance(one, Price)), default="")


NOT_KNOWN = PriceList("EUR", "")
"""Of machines that somebody rents out: what they cost is between the two."""
