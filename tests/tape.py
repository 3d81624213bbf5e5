"""A kind of data that tests alone know: a jukebox of tapes, which a server's robot changes."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self

from pydantic import Field, StrictInt

from liferaft.config import Config
from liferaft.config.data import DataConfig
from liferaft.config.problems import Finding
from liferaft.data.kind import DataPlace, Kind, KindFacts, Origin
from liferaft.data.parts import keep_part, restore_part
from liferaft.data.registry import configs
from liferaft.plan.milestones import Hung, Milestone
from liferaft.plan.step import Step
from liferaft.recovery.point import RecoveryPoint
from liferaft.site.roster import Roster, Seat
from liferaft.site.world import World
from liferaft.vault import Vault


class Tape(DataConfig):
    """Its keys, and what it says to the rest of the file."""

    CALLED: ClassVar[str] = "jukebox"
    RUNS: ClassVar[str | None] = "robot"
    MOST: ClassVar[int | None] = 2
    APP_NAMES_TAKEN: ClassVar[Mapping[str, str]] = {"noise": "is what tapes are full of"}

    speed: StrictInt = Field(default=19, ge=1, description="centimetres in a second")

    def findings(self, name: str, sections: Mapping[str, Any]) -> Iterator[Finding]:
        """Fast tapes are short."""
        if self.speed > 38 and "servers" in sections:
            yield Finding(("data", name, "speed"), "the tape ends before the song", "38 or less")


class Shelf(DataConfig):
    """Objects of another sort in the site's bucket."""

    IN_BUCKET: ClassVar[bool] = True


KINDS: Mapping[str, type[DataConfig]] = {**configs(), "tape": Tape, "shelf": Shelf}
ROBOT = '[servers.deck]\ncpus = 1\nmemory = "1GiB"\nruns = ["robot"]\n'
SONGS = '[data.songs]\nkind = "tape"\n'


@dataclass(frozen=True)
class Length(KindFacts):
    """How much of all tapes is recorded, in metres."""

    metres: int

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self | None:
        return cls(told["metres"]) if "metres" in told else None


@dataclass(frozen=True)
class Insert:
    """The robot has the tape in its deck."""

    name: str
    epoch: int

    async def holds(self, world: World) -> bool:
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        return {}

    async def prove(self, world: World) -> None: ...


class TapeKind(Kind[Length]):
    """Kept whole in each snapshot; back before the fence; played once its data takes writes."""

    name: ClassVar[str] = "tape"

    def packages(self, roster: Roster, seat: Seat) -> Collection[str]:
        return ("sox",) if "robot" in seat.runs else ()

    def variable_names(self, config: Config) -> Collection[str]:
        return ("TAPE_DECK",)

    def server(self, roster: Roster) -> str:
        return roster.running("robot").name

    def deploy(self, at: DataPlace) -> Iterator[Hung]:
        insert = Step(f"insert-{at.name}", f"Insert tape {at.name}", Insert(at.name, at.epoch))
        server = self.server(at.roster)
        yield Hung(insert, Milestone.EQUIPPED, before=(Milestone.WRITABLE,), server=server)

    def snapshot(self, at: DataPlace, point: str) -> Iterator[Step]:
        yield Step(f"tape-{at.name}", f"Keep tape {at.name}", keep_part(self, at, point))

    def failover(self, at: DataPlace, origin: Origin[Length]) -> Iterator[Hung]:
        copy = Step(f"tape-{at.name}", f"Restore tape {at.name}", restore_part(self, at, origin))
        server = self.server(at.roster)
        yield Hung(copy, Milestone.EQUIPPED, before=(Milestone.FENCED,), server=server)
        play = Step(f"play-{at.name}", f"Insert tape {at.name}", Insert(at.name, at.epoch))
        yield Hung(play, Milestone.PROVED)

    def read_facts(self, config: Config, vault: Vault, epoch: int, point: RecoveryPoint) -> Length:
        return Length(540)

    def facts_in(self, told: Mapping[str, Any]) -> Length | None:
        return Length.from_json(told)


TAPE: Final = TapeKind()
