"""What a cloud is to the rest of the house, and who owns what there."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol, TypeVar

from liferaft.clouds.classification import Classification
from liferaft.clouds.sizes import Size, Wanted
from liferaft.failures import Refused

SpecT_contra = TypeVar("SpecT_contra", contravariant=True)
FactsT_co = TypeVar("FactsT_co", covariant=True)

APP = "liferaft-app"
SITE = "liferaft-site"
EPOCH = "liferaft-epoch"
TOKEN = "liferaft-token"  # noqa: S105  # the name of a label, not a secret
SPEC = "liferaft-spec"

LONGEST_NAME = 63


@dataclass(frozen=True)
class Owner:
    """Whose a thing is. Written on everything we create, in the call that creates it."""

    app: str
    site: str
    epoch: int
    token: str
    """Says which resource of which stack: the same for every attempt to create it."""

    @classmethod
    def of(cls, urn: str, *, app: str, site: str, epoch: int) -> "Owner":
        """The owner of the resource `urn`; a URN names project, stack and resource."""
        return cls(app, site, epoch, hashlib.sha256(urn.encode()).hexdigest()[:32])

    def labels(self, spec: object) -> dict[str, str]:
        """Tags or labels; values fit Hetzner's rule for labels, the strictest (63 characters)."""
        return {
            APP: self.app,
            SITE: self.site,
            EPOCH: str(self.epoch),
            TOKEN: self.token,
            SPEC: digest(spec),
        }

    def name(self, short: str) -> str:
        """A name that no other site in the same account has; a DNS label, so that a server can
        be called so."""
        whole = f"{self.app}-{self.site}-{short}"
        if len(whole) <= LONGEST_NAME:
            return whole
        mark = hashlib.sha256(whole.encode()).hexdigest()[:8]
        return f"{whole[: LONGEST_NAME - 1 - len(mark)].rstrip('-')}-{mark}"


def digest(spec: Any) -> str:
    """32 hex digits that change with any field of `spec`; secrets in it cannot be read back."""
    return hashlib.sha256(json.dumps(asdict(spec), sort_keys=True).encode()).hexdigest()[:32]


class Unsupported(Refused):
    """A cloud cannot do this; `do` names the configuration key that supplies it."""


class TakenByAnotherSpec(Refused):
    """Something carries our owner token but was created from other inputs, so it is not ours to
    use and not ours to delete unasked."""

    def __init__(self, cloud: str, what: str, ident: str) -> None:
        super().__init__(
            f"{cloud}: {what} exists already as {ident}, created earlier from other inputs",
            safe="It was left as it is, and nothing was created.",
            do=f"Restore the earlier inputs, or delete {ident} at {cloud}, and run it again.",
            details={"cloud": cloud, "id": ident},
        )


@dataclass(frozen=True)
class Owned:
    """A row of a listing: something at the cloud that carries our labels."""

    id: str
    name: str
    labels: Mapping[str, str]


class Resource(Protocol[SpecT_contra, FactsT_co]):
    """One kind of thing at one cloud. All calls block; none retries for longer than its budget.

    Every method raises CloudFailure for the cloud's refusals and DeadlinePassed for waits.
    """

    def create(self, spec: SpecT_contra, owner: Owner) -> FactsT_co:
        """Idempotent by `owner.token`, also after a lost answer or a kill half-way: what exists
        is completed and returned. Raises TakenByAnotherSpec. Ready for use on return."""
        ...

    def read(self, ident: str) -> FactsT_co | None:
        """None when it is gone."""
        ...

    def update(self, ident: str, spec: SpecT_contra) -> FactsT_co:
        """Brings the kind's updatable fields to `spec`. Raises Unsupported where there are none."""
        ...

    def delete(self, ident: str) -> None:
        """Gone on return; what was gone before is a success. Waits for what still uses it."""
        ...

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        """What carries our labels for this app (and site)."""
        ...


class Cloud(Protocol):
    """A provider of servers and buckets in one region, opened with one credential."""

    @property
    def name(self) -> str: ...

    @property
    def region(self) -> str: ...

    @property
    def kinds(self) -> Mapping[str, Resource[Any, Any]]:
        """The kinds this cloud has, by the names in `liferaft.clouds.kinds.KINDS`."""
        ...

    def classify(self, error: Exception) -> Classification:
        """What an error of this cloud's SDK means; never raises."""
        ...

    def size(self, wanted: Wanted) -> Size:
        """The cheapest type that fits, or the pinned one; burstable types only when pinned."""
        ...

    def account(self) -> str:
        """Asks the control plane who we are; one line for people. The cheapest proof of life."""
        ...


_SUPPLIED_BY = {"server": "servers.<group>", "bucket": "data.<name>"}


def resource(cloud: Cloud, kind: str) -> Resource[Any, Any]:
    """The cloud's resource of that kind; Unsupported, naming the key that supplies it, if none."""
    found = cloud.kinds.get(kind)
    if found is None:
        key = _SUPPLIED_BY.get(kind, "sites.<site>.cloud")
        raise Unsupported(
            f"{cloud.name} has no {kind}",
            safe="Nothing was touched.",
            do=f"In liferaft.toml name another cloud in sites.<site>.cloud, or change {key}.",
        )
    return found


def no_update(cloud: str, kind: str) -> Unsupported:
    """What `update` raises for a kind that cannot change in place."""
    return Unsupported(
        f"{cloud} cannot change a {kind} in place",
        safe="Nothing was touched.",
        do=f"Change {_SUPPLIED_BY.get(kind, 'sites.<site>')} in liferaft.toml back.",
    )
