"""What is known of a cloud before it is opened, and without its SDK."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from liferaft.clouds.contract import Ability, Cloud, Unsupported, unsupported
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.inventory import Inventory
from liferaft.clouds.kinds import KINDS
from liferaft.clouds.prices import NOT_KNOWN, PriceList

Open = Callable[[str, Mapping[str, str], Patience, Inventory], Cloud]
"""From region, credentials, patience and the machines of clouds that have no API."""


@dataclass(frozen=True)
class Regions:
    """What all regions of a cloud are called like, and one of them. A zone is not a region."""

    pattern: str
    such_as: str


@dataclass(frozen=True)
class Reserved:
    """Beginnings, ends and other parts of buckets' names that a cloud's object store refuses."""

    beginnings: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    def within(self, bucket: str) -> str:
        """What of this name is the store's own; empty if nothing is."""
        taken = [one for one in self.beginnings if bucket.startswith(one)]
        taken += [one for one in self.ends if bucket.endswith(one)]
        taken += [one for one in self.parts if one in bucket]
        return taken[0] if taken else ""


@dataclass(frozen=True)
class Entry:
    """All that the rest of the house knows of a cloud. It stands in the cloud's own folder.

    Attributes:
        name: what `sites.<site>.cloud` calls it.
        about: behind its name, where all are listed for a person; empty where the name says it.
        open: opens the cloud; its SDK is loaded here and nowhere before.
        variables: how the names of the environment variables begin that hold its credentials.
        lacks: the kinds and abilities that it does not have, each with the configuration key that
            supplies it there.
        may_lack: kinds that it has only where that key is set.
        regions: what its regions are called like; None where any name may be one.
        reserved: what no bucket there may be called.
        bucket_regions: where it has an object store; empty where all its regions have one.
        prices: what its price list says.
    """

    name: str
    open: Open
    variables: tuple[str, ...]
    about: str = ""
    lacks: Mapping[str, str] = field(default_factory=dict)
    may_lack: Mapping[str, str] = field(default_factory=dict)
    regions: Regions | None = None
    reserved: Reserved = Reserved()
    bucket_regions: frozenset[str] = frozenset()
    prices: PriceList = NOT_KNOWN

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds that it has, by their names."""
        return frozenset(KINDS) - self.lacks.keys()

    @property
    def abilities(self) -> frozenset[Ability]:
        """What it can do; anything else raises Unsupported, naming the key that supplies it."""
        return frozenset(Ability) - {ability for ability in Ability if ability in self.lacks}

    def lacking(self, what: str, sentence: str) -> Unsupported:
        """What asking for an undeclared kind or ability raises: `sentence` follows the name."""
        return unsupported(self.name, sentence, self._supplied_by(what))

    def _supplied_by(self, lacking: str) -> str:
        return {**self.may_lack, **self.lacks}.get(lacking, "sites.<site>.cloud")
