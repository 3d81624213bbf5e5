"""A cloud of which nothing is made before the budget allows it and somebody agreed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.live.budget import Budget
from benchmarks.live.consent import Consent
from liferaft.clouds.contract import Allowance, Cloud, Owned, Owner, Resource
from liferaft.clouds.kinds import ServerSpec, VolumeSpec
from liferaft.clouds.prices import HOURS_A_MONTH, Price, PriceList
from liferaft.clouds.sizes import Size, WantedSize

FREE = frozenset({"network", "firewall", "ssh_key"})
IMAGE_GB = 80
"""No disk of which an image is made here is larger."""


@dataclass
class MeteredCloud:
    """Implements Cloud."""

    inner: Cloud
    budget: Budget
    consent: Consent
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)
    """Of what was made, by kind and id: the token under which it is charged."""

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def region(self) -> str:
        return self.inner.region

    @property
    def kinds(self) -> Mapping[str, Resource[Any, Any]]:
        return {kind: Metered(self, kind, things) for kind, things in self.inner.kinds.items()}

    def sizes(self, wanted: WantedSize) -> Sequence[Size]:
        return self.inner.sizes(wanted)

    def allowance(
        self, servers: Mapping[str, WantedSize], *, has_bucket: bool = False
    ) -> Allowance:
        return self.inner.allowance(servers, has_bucket=has_bucket)

    def account(self) -> str:
        return self.inner.account()

    def allow(self, kind: str, spec: Any, owner: Owner) -> None:
        """Raises BudgetReached, DeadlineReached, Declined, and CloudFailure: types have prices that
        their cloud is asked for."""
        what = f"{kind.replace('_', ' ')} {owner.name(spec.name)}"
        if kind in FREE:
            self.budget.require_time(what)
            return
        hourly = hourly_price(self.inner, self.budget.prices, kind, spec)
        if hourly is None:
            self.budget.require_time(what)
            told = f"{what}: its price is not known"
        else:
            most = self.budget.require(what, hourly)
            currency = self.budget.prices.currency
            told = f"{what}: {hourly:.4f} {currency} an hour by the list, {most:.4f} at the most"
        self.consent.require(told, kind=kind, has_price=hourly is not None)
        self.budget.begin(owner.token, hourly or 0.0)


@dataclass
class Metered:
    """Implements Resource."""

    cloud: MeteredCloud
    kind: str
    inner: Resource[Any, Any]

    def create(self, spec: Any, owner: Owner) -> Any:
        self.cloud.allow(self.kind, spec, owner)
        made = self.inner.create(spec, owner)
        self.cloud.tokens[self.kind, made.id] = owner.token
        return made

    def read(self, ident: str) -> Any | None:
        return self.inner.read(ident)

    def update(self, ident: str, spec: Any) -> Any:
        self.cloud.budget.require_time(f"changing {self.kind} {ident}")
        return self.inner.update(ident, spec)

    def delete(self, ident: str) -> None:
        self.inner.delete(ident)
        self.cloud.budget.end(self.cloud.tokens.get((self.kind, ident), ""))

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        return self.inner.owned_by(app=app, site=site)


def hourly_price(cloud: Cloud, prices: PriceList, kind: str, spec: Any) -> float | None:
    """By list prices, the dearest that it may come to; None where one of them is not known."""
    if isinstance(spec, ServerSpec):
        return _of_server(cloud, prices, spec)
    if kind == "address":
        return _amount(prices.address)
    if kind == "bucket":
        return _by_month(prices.objects, 1)
    if isinstance(spec, VolumeSpec):
        return _by_month(prices.volume_gb, spec.size)
    return _by_month(prices.image_gb, IMAGE_GB)


def _of_server(cloud: Cloud, prices: PriceList, spec: ServerSpec) -> float | None:
    """Of the dearest type that is tried, with its disk and an address of its own."""
    sizes = cloud.sizes(WantedSize.of(spec))
    dearest = max(size.price for size in sizes)
    disk = 0.0 if sizes[0].disk is not None else _by_month(prices.volume_gb, spec.disk)
    address = _amount(prices.address)
    if disk is None or address is None or not all(size.price for size in sizes):
        return None
    return dearest + disk + (address if spec.address_id is None else 0.0)


def _amount(price: Price | None) -> float | None:
    return None if price is None else price.amount


def _by_month(price: Price | None, units: float) -> float | None:
    return None if price is None else price.amount * units / HOURS_A_MONTH
