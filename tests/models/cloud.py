"""The Cloud contract in memory: things that keep their owners' tokens, as real ones do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from tests.models.line import Line

from liferaft.clouds.classification import REPEATABLE, Classification, CloudFailure, Verdict
from liferaft.clouds.contract import (
    Allowance,
    Owned,
    Owner,
    Resource,
    TakenByAnotherOwner,
    no_update,
)
from liferaft.clouds.kinds import KINDS, ServerSpec
from liferaft.clouds.sizes import Size, WantedSize, fitting, may_keep, pinned
from liferaft.failures import Refused

T = TypeVar("T")
SIZES = tuple(
    Size(f"m{cpus}", cpus, cpus * 4096, "x86_64", price=cpus / 10) for cpus in (1, 2, 3, 4, 5, 6, 8)
)
_IN_USE = Classification(Verdict.REFUSED, "in_use", "something still uses it")
_GONE = Classification(Verdict.REFUSED, "not_found", "there is no such thing")
_FULL = Classification(Verdict.QUOTA, "quota_exceeded", "there may be no more of them")
SUSPENDED = Classification(
    Verdict.TERMINAL, "account_suspended", "the account is closed", {"request": "1"}
)
_REFERS = ("network_id", "firewall_id", "address_id", "server_id")


@dataclass
class Thing:
    """One thing at the cloud."""

    kind: str
    spec: Any
    owner: Owner
    facts: Any
    labels: Mapping[str, str]


@dataclass
class Account:
    """What an account holds at one cloud, whoever asks: by id. `full`: kinds of which there may be
    no more."""

    number: int
    things: dict[str, Thing] = field(default_factory=dict)
    counted: int = 0
    full: frozenset[str] = frozenset()
    is_suspended: bool = False

    def copy(self) -> "Account":
        """Another one that holds the same."""
        things = {ident: replace(thing) for ident, thing in self.things.items()}
        return replace(self, things=things)

    def of(self, kind: str) -> dict[str, Thing]:
        """Those of one kind."""
        return {ident: one for ident, one in self.things.items() if one.kind == kind}


@dataclass
class CloudModel:
    """One region of one account, over a line that may fail.

    Attributes:
        attempts: how often a request is made whose answer is lost.
        made, gone: what else happens when a thing is there, and when it is there no more.
    """

    holds: Account = field(default_factory=lambda: Account(1))
    name: str = "aws"
    region: str = "here"
    line: Line = field(default_factory=Line)
    attempts: int = 1
    made: Callable[[Thing], None] = lambda _: None
    gone: Callable[[Thing], None] = lambda _: None

    @property
    def kinds(self) -> Mapping[str, Resource[Any, Any]]:
        return {kind: Things(self, kind) for kind in KINDS}

    def sizes(self, wanted: WantedSize) -> Sequence[Size]:
        if wanted.machine_types:
            return pinned(self.name, self.region, wanted, SIZES)
        return fitting(self.name, self.region, wanted, SIZES)

    def allowance(
        self, servers: Mapping[str, WantedSize], *, has_bucket: bool = False
    ) -> Allowance:
        return Allowance()

    def account(self) -> str:
        return self.ask("account", lambda: f"account {self.holds.number}")

    def ask(self, what: str, act: Callable[[], T]) -> T:
        """Made again when its answer is lost, as often as it may be. Raises CloudFailure."""
        for _ in range(self.attempts - 1):
            try:
                return self._once(what, act)
            except CloudFailure as failure:
                if failure.classification is not _LOST:
                    raise
        return self._once(what, act)

    def _once(self, what: str, act: Callable[[], T]) -> T:
        with self.line.request(f"{self.name}: {what}", lambda doing: self.refusal(doing, _LOST)):
            if self.holds.is_suspended:
                raise self.refusal(what, SUSPENDED)
            return act()

    def refusal(self, doing: str, meaning: Classification) -> CloudFailure:
        return CloudFailure(self.name, doing, meaning, safe=REPEATABLE)


_LOST = Classification(Verdict.OUTAGE, "lost", "there was no answer")


@dataclass
class Things:
    """The Resource contract for one kind."""

    cloud: CloudModel
    kind: str

    @property
    def _there(self) -> dict[str, Thing]:
        return self.cloud.holds.of(self.kind)

    def create(self, spec: Any, owner: Owner) -> Any:
        return self.cloud.ask(f"create {self.kind} {spec.name}", lambda: self._created(spec, owner))

    def _created(self, spec: Any, owner: Owner) -> Any:
        for ident, thing in self._there.items():
            if thing.owner.token == owner.token:
                owner.check(self.cloud.name, f"the {self.kind}", ident, thing.labels, spec)
                thing.spec = spec
                return thing.facts
            if self.kind == "bucket" and thing.spec.name == spec.name:
                raise TakenByAnotherOwner(self.cloud.name, f"bucket {ident}", ident, thing.labels)
        if self.kind in self.cloud.holds.full:
            raise self.cloud.refusal(f"creating {self.kind} {spec.name}", _FULL)
        facts = self._facts(spec)
        thing = Thing(self.kind, spec, owner, facts, owner.labels(spec))
        self.cloud.holds.things[facts.id] = thing
        self.cloud.made(thing)
        return facts

    def _facts(self, spec: Any) -> Any:
        account = self.cloud.holds
        account.counted += 1
        number = account.counted
        told: dict[str, Any] = {
            "id": f"{self.cloud.name}-{account.number}-{self.kind}-{number}",
            "address": f"203.0.{account.number}.{number}",
            "device": f"/dev/disk/by-id/volume-{number}",
            "endpoint": f"https://objects.{self.cloud.name}.test",
            "region": self.cloud.region,
        }
        if self.kind == "bucket":
            told["id"] = spec.name
        if isinstance(spec, ServerSpec):
            told |= self._server_facts(spec, number)
        kind = KINDS[self.kind].facts
        names = {one.name for one in fields(kind)}
        asked = {name: value for name, value in vars(spec).items() if name in names}
        return kind(**{name: told.get(name, asked.get(name, "")) for name in names})

    def _server_facts(self, spec: ServerSpec, number: int) -> dict[str, Any]:
        reserved = self.cloud.holds.things.get(spec.address_id or "")
        own = f"203.0.{self.cloud.holds.number}.{number}"
        return {
            "private_address": spec.private_address or f"10.20.9.{number}",
            "public_address": reserved.facts.address if reserved else own,
            "chosen_type": self.cloud.sizes(WantedSize.of(spec))[0].name,
            "zone": "a",
        }

    def read(self, ident: str) -> Any | None:
        def found() -> Any | None:
            there = self._there.get(ident)
            return None if there is None else there.facts

        return self.cloud.ask(f"read {ident}", found)

    def update(self, ident: str, spec: Any) -> Any:
        if not KINDS[self.kind].updatable:
            raise no_update(self.cloud.name, self.kind)
        return self.cloud.ask(f"update {ident}", lambda: self._updated(ident, spec))

    def _updated(self, ident: str, spec: Any) -> Any:
        found = self._there.get(ident)
        if found is None:
            raise self.cloud.refusal(f"changing {self.kind} {ident}", _GONE)
        if self.kind == "volume" and spec.size < found.spec.size:
            raise Refused(
                f"{self.cloud.name}: volume {ident} cannot shrink to {spec.size} GiB",
                safe="Nothing was changed.",
                do=f"Ask for {found.spec.size} GiB or more.",
            )
        if isinstance(spec, ServerSpec):
            found.facts = replace(found.facts, chosen_type=self._type(found, spec))
        found.spec, found.labels = spec, found.owner.labels(spec)
        return found.facts

    def _type(self, found: Thing, spec: ServerSpec) -> str:
        wanted = WantedSize.of(spec)
        choices = self.cloud.sizes(wanted)
        has = next(size for size in SIZES if size.name == found.facts.chosen_type)
        return has.name if may_keep(has, wanted, choices) else choices[0].name

    def delete(self, ident: str) -> None:
        self.cloud.ask(f"delete {ident}", lambda: self._deleted(ident))

    def _deleted(self, ident: str) -> None:
        ended = self._there.get(ident)
        if ended is None:
            return
        for thing in self.cloud.holds.things.values():
            uses = ident in {getattr(thing.spec, name, None) for name in _REFERS}
            if uses and thing.kind not in ("volume", "machine_image"):
                raise self.cloud.refusal(f"deleting {self.kind} {ident}", _IN_USE)
        del self.cloud.holds.things[ident]
        self.cloud.gone(ended)

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        def found() -> Sequence[Owned]:
            return [
                Owned(ident, thing.owner.name(thing.spec.name), thing.labels)
                for ident, thing in self._there.items()
                if thing.owner.app == app and site in (None, thing.owner.site)
            ]

        return self.cloud.ask(f"list {self.kind}", found)
