"""An imaginary cloud in memory, which keeps owner tokens as real ones do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from liferaft.clouds.contract import SPEC, Allowance, Owned, Owner, TakenByAnotherSpec, digest
from liferaft.clouds.kinds import KINDS
from liferaft.clouds.sizes import WantedSize
from liferaft.failures import VendorFailure


@dataclass
class Things:
    """One kind. Every thing has the facts of its kind, empty but for the id."""

    kind: str
    there: dict[str, tuple[Any, Owner, Mapping[str, str]]] = field(default_factory=dict)
    made: int = 0

    def create(self, spec: Any, owner: Owner) -> Any:
        for ident, (_, its, labels) in self.there.items():
            if its.token == owner.token:
                if labels[SPEC] != digest(spec):
                    raise TakenByAnotherSpec("cloud", self.kind, ident)
                return self._facts(ident)
        self.made += 1
        ident = f"{self.kind}-{self.made}"
        self.there[ident] = (spec, owner, owner.labels(spec))
        return self._facts(ident)

    def read(self, ident: str) -> Any | None:
        return self._facts(ident) if ident in self.there else None

    def update(self, ident: str, spec: Any) -> Any:
        raise AssertionError

    def delete(self, ident: str) -> None:
        self.there.pop(ident, None)

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        return [
            Owned(ident, owner.name(spec.name), labels)
            for ident, (spec, owner, labels) in self.there.items()
            if owner.app == app and site in (None, owner.site)
        ]

    def _facts(self, ident: str) -> Any:
        facts = KINDS[self.kind].facts
        blank = dict.fromkeys(facts.__dataclass_fields__, "")
        return facts(**{**blank, "id": ident})


@dataclass
class CloudInMemory:
    """What `moves` asks of a cloud."""

    kinds: dict[str, Things] = field(default_factory=lambda: {name: Things(name) for name in KINDS})
    silent: bool = False
    name: str = "aws"
    allows: Allowance = field(default_factory=Allowance)
    asked: Mapping[str, WantedSize] = field(default_factory=dict)

    def allowance(
        self, servers: Mapping[str, WantedSize], *, has_bucket: bool = False
    ) -> Allowance:
        self.asked = servers
        return self.allows

    def account(self) -> str:
        if self.silent:
            raise VendorFailure("aws: asking who we are failed", safe="Nothing.", do="Wait.")
        return "account 12"
