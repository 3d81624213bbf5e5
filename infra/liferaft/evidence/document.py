"""The report as a document: what `report.json` holds, and `docs/report.schema.json` describes.

A later version may add fields; none of these changes its meaning while `form` is 1.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal["finished", "failed", "unfinished"]


class Told(BaseModel):
    """Immutable. Fields of a later version are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ToldVerdict(Told):
    """What a reader needs first."""

    state: State = Field(
        description="finished: it reached its goal; failed: a step failed and it stopped; "
        "unfinished: it was interrupted, its command died, or it is under way"
    )
    sentence: str
    safe: str = Field(default="", description="of a failed run: what was unharmed")
    do: str = Field(default="", description="of a failed run: what was to be done next")


class ToldStep(Told):
    """The last attempt at one step. Seconds count from the beginning of the run."""

    name: str
    sentence: str = Field(default="", description="empty in journals of earlier versions")
    state: str = Field(description="done, held (it was so already), failed, or started: no end")
    start: float
    end: float | None
    critical: bool = Field(default=False, description="on the chain that decided how long it took")
    final: bool = Field(default=False, description="from here on there was no way back")
    facts: Mapping[str, Any] = Field(default={}, description="what the step noted at its end")


class Objective(Told):
    """Time or data that a move costs, beside what was meant to be the most."""

    seconds: float | None = Field(description="measured; null: not known, `sentence` says why")
    target: float | None = Field(default=None, description="seconds of `[targets]`; null: none")
    met: bool | None = Field(default=None, description="null without a target, or a measurement")
    sentence: str = Field(description="from where to where this was measured")


class UsersView(Told):
    """What users saw. Seconds from the beginning of the run; null: the journal does not know."""

    name_moved: float | None = None
    ttl: int | None = Field(default=None, description="seconds that resolvers may be behind")
    holding_from: float | None = None
    good_from: float | None = Field(default=None, description="the first good answer")
    sentences: tuple[str, ...] = ()


class Lost(Told):
    """Something that did not come back."""

    of: str = Field(description="the step that told it")
    sentence: str
    count: int | None = None
    names: tuple[str, ...] = Field(default=(), description="of what is gone, as far as noted")


class ToldDenial(Told):
    """A hidden dependency: what something asked for while it was denied."""

    name: str
    by: str = Field(default="", description="who asked for it")
    count: int = 1
    known: str = Field(default="", description="why it was to be expected; empty where it was not")


class ToldSpending(Told):
    """What a drill has cost, by what was really there and for how long."""

    amount: float | None = Field(description="null where no price is known")
    currency: str
    server_seconds: float = Field(description="for which its servers were there")


class Earlier(Told):
    """An earlier run of the same move."""

    run: str
    began: str
    site: str
    seconds: float
    rto: float | None
    rpo: float | None


class ToldJournal(Told):
    """What the report was rendered from."""

    events: int
    sha256: str = Field(description="over the events in order, as `liferaft report verify` does")
    faults: tuple[str, ...] = Field(default=(), description="what of it could not be read")


class Document(Told):
    """One run of one move."""

    form: Literal[1] = 1
    app: str = ""
    domain: str = ""
    run: str
    move: str
    site: str
    from_site: str | None = None
    epoch: int | None = None
    point: str | None = Field(default=None, description="the recovery point it began from or made")
    follows: str | None = Field(default=None, description="the run that this one followed")
    began: str = Field(description="UTC, ISO 8601")
    ended: str | None = Field(description="of the last event that was read")
    finished: bool
    verdict: ToldVerdict
    seconds: float = Field(description="to the end of the last step, pauses between sessions in it")
    critical_path_seconds: float
    critical_path: tuple[str, ...]
    recovered_until: float | None = Field(
        description="Unix seconds of the last moment of the old site that the new one holds"
    )
    rto: Objective | None = Field(default=None, description="of moves that bring the app back")
    rpo: Objective | None = None
    users: UsersView | None = None
    lost: tuple[Lost, ...] = ()
    told: tuple[str, ...] = Field(default=(), description="what steps had to tell besides")
    denied: tuple[ToldDenial, ...] = ()
    data_only: bool = Field(
        default=False, description="a drill of the data alone: no application was started"
    )
    without: tuple[str, ...] = Field(
        default=(), description="vendors that a drill was played without, by their names"
    )
    seed: int | None = Field(default=None, description="by which one of them was picked")
    costs: tuple[str, ...] = ()
    spent: ToldSpending | None = Field(default=None, description="of a drill")
    sessions: int = Field(default=1, description="how often a command worked at it")
    operators: tuple[str, ...] = ()
    versions: Mapping[str, tuple[str, ...]] = {}
    steps: tuple[ToldStep, ...]
    untried: tuple[str, ...] = Field(default=(), description="steps that were never begun")
    earlier: tuple[Earlier, ...] = Field(
        default=(), description="finished runs of the same move before, the newest first"
    )
    journal: ToldJournal

    def to_json(self) -> bytes:
        """As it lies in the vault, and is signed."""
        return (json.dumps(self.model_dump(), indent=1) + "\n").encode()
