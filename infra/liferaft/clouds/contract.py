"""What a cloud is to the rest of the house, and who owns what there."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from liferaft.clouds.kinds import KINDS, ResourceKind
from liferaft.clouds.sizes import Size, WantedSize
from liferaft.failures import BadInput, Own, Refused

SpecT_contra = TypeVar("SpecT_contra", contravariant=True)
FactsT_co = TypeVar("FactsT_co", covariant=True)

APP = "liferaft-app"
SITE = "liferaft-site"
EPOCH = "liferaft-epoch"
TOKEN = "liferaft-token"  # noqa: S105  # the name of a label, not a secret
SPEC = "liferaft-spec"

LONGEST_NAME = 63
_KIND_OF: Mapping[type, ResourceKind[Any, Any]] = {kind.spec: kind for kind in KINDS.values()}


class Ability(StrEnum):
    """What a cloud may be able to do beyond having a kind at all."""

    RESIZE_SERVER = "resize a server in place"
    GROW_VOLUME = "grow a volume"
    MOVE_VOLUME = "attach a volume to another server"
    SECOND_ZONE = "start a server in another zone when one is full"


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

    def has_made(self, labels: Mapping[str, str], spec: object) -> bool:
        """Whether a thing with these labels was created for this owner from this very spec."""
        return (labels.get(TOKEN), labels.get(SPEC)) == (self.token, digest(spec))

    def check(
        self, cloud: str, what: str, ident: str, labels: Mapping[str, str], spec: object
    ) -> None:
        """Of a thing that was found: raises TakenByAnotherOwner, TakenByAnotherSpec."""
        if labels.get(TOKEN) != self.token:
            raise TakenByAnotherOwner(cloud, what, ident, labels)
        if not self.has_made(labels, spec):
            raise TakenByAnotherSpec(cloud, what, ident)

    def name(self, short: str) -> str:
        """A name that no other site in the same account has; a DNS label, so that a server can
        be called so."""
        whole = f"{self.app}-{self.site}-{short}"
        if len(whole) <= LONGEST_NAME:
            return whole
        mark = hashlib.sha256(whole.encode()).hexdigest()[:8]
        return f"{whole[: LONGEST_NAME - 1 - len(mark)].rstrip('-')}-{mark}"


def digest(spec: Any) -> str:
    """32 hex digits that change with any field of `spec` that needs a new thing; what can be
    updated, and what a server booted from, is left out. Secrets cannot be read back."""
    kind = _KIND_OF.get(type(spec))
    free = kind.updatable | (kind.at_birth - kind.secrets()) if kind else frozenset()
    fixed = {name: value for name, value in asdict(spec).items() if name not in free}
    return hashlib.sha256(json.dumps(fixed, sort_keys=True).encode()).hexdigest()[:32]


class Unsupported(Refused):
    """A cloud cannot do this; `do` names the configuration key that supplies it."""


def unsupported(cloud: str, sentence: str, key: str) -> Unsupported:
    """`sentence` follows the cloud's name; `key` of the configuration supplies what is lacking."""
    return Unsupported(
        f"{cloud} {sentence}",
        safe="Nothing was touched.",
        do=f"It is supplied by {key}; or name another cloud in sites.<site>.cloud.",
    )


class TakenByAnotherSpec(Refused):
    """Something carries our owner token but was created from other inputs, so it is not ours to
    use and not ours to delete unasked."""

    def __init__(self, cloud: str, what: str, ident: str) -> None:
        super().__init__(
            f"{cloud}: {what} exists already as {ident}, created earlier from other inputs",
            safe=Own("It was left as it is."),
            do=f"Restore the earlier inputs, or delete {ident} at {cloud}, and run it again.",
            details={"cloud": cloud, "id": ident},
        )


class TakenByAnotherOwner(Refused):
    """Something of that name is there and does not carry our owner token."""

    def __init__(self, cloud: str, what: str, ident: str, labels: Mapping[str, str]) -> None:
        app, site = labels.get(APP), labels.get(SITE)
        whose = f"it belongs to app {app} at site {site}" if app else "liferaft did not make it"
        super().__init__(
            f"{cloud}: {what} exists already as {ident}, and {whose}",
            safe=Own("It was left as it is."),
            do="Give what is to be created another name, then run the same command again.",
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


@dataclass(frozen=True)
class Allowance:
    """What an account says of servers before the first of them is made."""

    obstacles: tuple[Refused, ...] = ()
    """Why they would be refused, each by itself."""
    notes: tuple[str, ...] = ()
    """What an operator should know besides: whole sentences."""
    unknown: tuple[str, ...] = ()
    """What could not be asked, and how it could: whole sentences."""


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

    def sizes(self, wanted: WantedSize) -> Sequence[Size]:
        """The types to try for this wish, in order: the pinned ones, or the cheapest that fit.
        Burstable types only when pinned. Raises NoSizeFits; never empty."""
        ...

    def allowance(
        self, servers: Mapping[str, WantedSize], *, has_bucket: bool = False
    ) -> Allowance:
        """Whether this account may run such servers, as far as it can be asked; by the names that
        they have or will have there. Those that run already need nothing. has_bucket: the
        application has one there, which its own keys must open. Makes nothing."""
        ...

    def account(self) -> str:
        """Asks the control plane who we are; one line for people. The cheapest proof of life."""
        ...


def needed(cloud: str, field: str, value: str | None) -> str:
    """The value of a spec's field that this cloud cannot do without. Raises BadInput."""
    if value is None:
        raise BadInput(
            f"A server at {cloud} needs {field}",
            safe="Nothing was touched.",
            do=f"Give {field} in the program.",
        )
    return value


def no_update(cloud: str, kind: str) -> Unsupported:
    """What `update` raises for a kind that cannot change in place anywhere."""
    return Unsupported(
        f"{cloud} cannot change the {kind.replace('_', ' ')} in place",
        safe="Nothing was touched.",
        do="Change it back in liferaft.toml.",
    )
