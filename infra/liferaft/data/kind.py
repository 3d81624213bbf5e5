"""A kind of data: what it needs on servers, what it adds to each move, and how its vault is read.

A kind is a folder of this room with a `Kind`, and a line in the registry. What it says nothing of,
it does not do.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from liferaft.config import Config
from liferaft.data.contract import DataSet
from liferaft.data.exposure import Backlog
from liferaft.data.proof import Proof, Trial
from liferaft.data.surplus import Needs, Surplus
from liferaft.data.wholeness import Look, Operators, ReadingDepth
from liferaft.plan.milestones import Hung, Milestone
from liferaft.plan.step import Step
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint
from liferaft.secrets import AppSecrets
from liferaft.site.roster import Roster, Seat, roster
from liferaft.vault import Vault

if TYPE_CHECKING:
    from liferaft.site.world import World


@dataclass(frozen=True)
class KindFacts:
    """What a kind reads of the vault for a failover. The fields are what the journal calls them."""

    def to_json(self) -> dict[str, Any]:
        """As the journal holds them."""
        return asdict(self)


F = TypeVar("F", bound=KindFacts)
Undo = Callable[[], Awaitable[None]]
"""Brings back what was before."""


@dataclass(frozen=True)
class DataPlace:
    """Where a data set is moved to or kept from. `epoch` is the one under which is written."""

    config: Config
    site: str
    epoch: int
    name: str
    """The data set's, in liferaft.toml."""

    @property
    def roster(self) -> Roster:
        return roster(self.config)


@dataclass(frozen=True)
class Origin(Generic[F]):
    """What a failover begins from: a point, and all that was kept up to the epoch that ends."""

    point: str
    point_epoch: int
    old: int
    facts: F | None


class Kind(Generic[F]):
    """One kind of data. Stateless."""

    name: ClassVar[str]
    archives: ClassVar[bool] = False
    """Whether it goes into the vault without a pause, so that `archived_until` can be behind."""
    is_of_app: ClassVar[bool] = True
    """Whether the application has it; False of what liferaft writes for itself."""
    flows: ClassVar[bool] = False
    """Whether servers bring it to vaults without a pause, and say by `exposure` what is not there
    yet."""
    deletes: ClassVar[str] = ""
    """The folder of an epoch in which its servers have to delete, in each vault; nothing where they
    add alone."""
    across_vaults: ClassVar[bool] = False
    """Whether what one vault lacks another gives: `look` is asked once, of all that answer."""

    # What the application and its servers get of it.

    def packages(self, roster: Roster, seat: Seat) -> Collection[str]:
        """Debian packages that a server needs for it."""
        return ()

    def units(self) -> Collection[str]:
        """Those that its packages start by themselves, and that nobody wants on an idle server."""
        return ()

    def asked_packages(self, config: Config, seat: Seat) -> Collection[str]:
        """More of them, which the configuration asks for."""
        return ()

    def variable_names(self, config: Config) -> Collection[str]:
        """Environment variables that the application is given."""
        return ()

    async def variables(self, world: "World", name: str) -> Mapping[str, str]:
        """Their values."""
        return {}

    placeholder_word: ClassVar[str] = ""
    """By which a Compose file means it in `${liferaft:WORD.KEY}`."""

    def placeholder_keys(self, config: "Config") -> Collection[str]:
        """What may follow that word."""
        return ()

    def placeholders(self, variables: Mapping[str, str]) -> Mapping[str, str]:
        """By key what they stand for, out of what `variables` gave. Pure."""
        return {}

    async def addresses(self, world: "World", name: str) -> Mapping[str, str]:
        """Where services find what stands in place of a service of the Compose file, by name."""
        return {}

    def objection_to_secret(self, config: "Config", secret: str, value: str) -> str | None:
        """Why what is kept could not be reached with this value of a secret. Blocks."""
        return None

    async def admits(self, world: "World", name: str) -> bool:
        """Whether what holds the data lets the application in with what `variables` tells it."""
        return True

    async def admit(self, world: "World", name: str) -> Undo | None:
        """Let it in so from now on, right before it is started with it. How what was before comes
        back; None where nothing was changed."""
        return None

    # One data set at a site.

    async def open(
        self,
        world: "World",
        name: str,
        *,
        epoch: int,
        earlier: tuple[int, ...] = (),
        facts: F | None = None,
    ) -> DataSet:
        """The data set of that name, kept under `epoch`. earlier, facts: of a restore, the epochs
        that have something to bring, the oldest first, and what `facts` has read."""
        raise NotImplementedError

    def server(self, roster: Roster) -> str:
        """The server from which it is kept, and onto which it is restored."""
        return roster.edge.name

    # What it adds to moves.

    def deploy(self, at: DataPlace) -> Iterator[Hung]:
        """Steps of a deploy to the site that has the epoch."""
        yield from ()

    def bring_back(self, at: DataPlace, origin: Origin[Any]) -> Iterator[Hung]:
        """Steps of a deploy by which a server that is new gets what need not be made anew."""
        yield from ()

    def snapshot(self, at: DataPlace, point: str) -> Iterator[Step]:
        """Steps that put its part into the recovery point that is being taken."""
        yield from ()

    def schedule(self, at: DataPlace) -> Iterator[Step]:
        """Steps after which servers take recovery points of it by themselves, or take none, as the
        configuration says."""
        yield from ()

    def schedule_where_asked_for(self, at: DataPlace) -> Iterator[Hung]:
        """The same in a deploy or failover, where liferaft.toml asks for it: last of all."""
        if at.config.snapshots.every is not None:
            yield from (Hung(step, Milestone.PROVED) for step in self.schedule(at))

    def failover(self, at: DataPlace, origin: Origin[F]) -> Iterator[Hung]:
        """Steps of a failover to the site."""
        yield from ()

    def drill(self, at: DataPlace, origin: Origin[F]) -> Iterator[Hung]:
        """Steps of that failover on trial: what they bring back takes writes, is kept in no vault
        and never reigns. For a kind that keeps nothing by itself they are those of the failover.
        """
        return self.failover(at, origin)

    async def prove(self, world: "World", part: Part, trial: Trial) -> Proof | None:
        """What comes of it when a part is brought back from one vault in a scratch place of the
        site's servers. What serves is not touched, and no vault is written to. None: a look at the
        vault is all that there is."""
        return None

    async def exposure(self, world: "World", name: str) -> Sequence[Backlog]:
        """By vault, what it does not have yet of what flows, as the servers of the site that reigns
        say."""
        return ()

    # What the vault says of it. All of this blocks.

    def read_facts(
        self, config: Config, vault: Vault, epoch: int, point: RecoveryPoint
    ) -> F | None:
        """What a failover from this epoch has to know of the vault. Raises Damaged or Refused."""
        return None

    def as_of(self, facts: F | None, moment: str) -> F | None:
        """The same for a failover that brings data back as of a moment, where this kind can."""
        return facts

    def facts_in(self, told: Mapping[str, Any]) -> F | None:
        """As `read_facts` has read them, from a journal or an action."""
        return None

    def parts(
        self, vault: Vault, epoch: int, point: RecoveryPoint | None, facts: F | None = None
    ) -> tuple[Part, ...]:
        """The parts from which a failover would bring it back; facts: of one that was planned.
        Raises Damaged."""
        return tuple(part for part in point.parts if part.kind == self.name) if point else ()

    def part_of(self, point: RecoveryPoint, name: str) -> Part:
        """What a restore from the point begins with. Raises Refused where the point has none."""
        return point.part(self.name, name)

    def as_kept(self, vault: Vault, part: Part) -> Part:
        """The part as the vault has it now, where servers keep it without a point as well."""
        return part

    def look(
        self, vault: Vault, part: Part, point: str, reading: ReadingDepth, mine: Operators
    ) -> Look:
        """Whether the vault has this part whole, without any key but the vault's own."""
        return Look()

    def look_inside(self, vault: Vault, part: Part, point: str, secrets: AppSecrets) -> Look:
        """As `look`, of what is only read with the app's secrets."""
        return Look()

    def look_at_notes(self, vault: Vault, epoch: int) -> Look:
        """Whether what was noted beside the parts is whole."""
        return Look()

    def archived_until(self, vault: Vault, epoch: int) -> datetime | None:
        """When something reached the vault last of what is archived without a pause; None where
        nothing did."""
        return None

    def kept_until(self, vault: Vault, epoch: int, name: str) -> datetime | None:
        """As of when the vault has all of one data set, as its keeper noted it there; None where it
        notes nothing."""
        return None

    def archived_since(self, vault: Vault, epoch: int, point: RecoveryPoint) -> int:
        """About how much a restore of the point would bring besides, in the pieces in which it is
        archived."""
        return 0

    # What a vault can spare of it.

    def surplus(self, vault: Vault, needs: Needs) -> Sequence[Surplus]:
        """What one vault holds of it, under one epoch, that nothing needs. Blocks."""
        return ()

    def spare(self, at: DataPlace, surplus: Surplus, needs: tuple[str, ...]) -> Iterator[Step]:
        """Steps by which that goes; `needs`: those that come before."""
        yield from ()

    # What an operator has to bring for it.

    def require_files(self, config: Config, vault: Vault, move: str) -> None:
        """Raise BadInput for files on the operator's disk that a move would lack."""
