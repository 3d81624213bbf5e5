"""What the Pulumi CLI was recorded doing, phase by phase."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Phase:
    """One folder of the golden data: previews, if any were recorded, then one operation."""

    folder: str
    operation: str = "up"
    stack: str = "dev"
    options: Mapping[str, Any] = field(default_factory=dict)
    drift: Callable[[dict[str, Any]], object] | None = None

    @property
    def number(self) -> int:
        return int(self.folder.split("-")[0].removeprefix("p"))


def numbered(last: int) -> tuple[Phase, ...]:
    return tuple(Phase(f"p{number}") for number in range(1, last + 1))


@dataclass(frozen=True)
class Scenario:
    name: str
    sentence: str
    phases: tuple[Phase, ...]
    config: Mapping[str, str] = field(default_factory=dict)
    secret_config: Mapping[str, str] = field(default_factory=dict)


def drifted(objects: dict[str, Any]) -> None:
    objects["server-web-1"].update(size="large", note="by hand")
    del objects["volume-data-1"]


def foreign(objects: dict[str, Any]) -> None:
    objects["server-legacy-7"] = {"image": "debian-12", "size": "large", "addr": "10.7.7.7"}


REFRESHING = (
    Phase("p1"),
    Phase("p2-refresh", "refresh", drift=drifted),
    Phase("p3-repair"),
    Phase(
        "p4-up-with-refresh",
        options={"refresh": True},
        drift=lambda objects: objects.pop("server-web-1"),
    ),
    Phase(
        "p5-read-fails",
        "refresh",
        drift=lambda objects: objects["network-net-1"].update(fail="read"),
    ),
)

IMPORTING = (Phase("p1", drift=foreign), Phase("p2"), Phase("p3"), Phase("p4"))

REFERRING = (
    Phase("p1-base", stack="base"),
    Phase("p1-app", stack="app"),
    Phase("p2-again", stack="app"),
    Phase("p3-missing", stack="app"),
)

DESTROYING = (Phase("p1"), Phase("p2-destroy", "destroy"), Phase("p3-destroy-empty", "destroy"))

AFTER_A_KILL = (
    Phase("p4-after"),
    Phase("p5-again"),
    Phase("p6-refresh", "refresh"),
    Phase("p7-clear", "refresh", options={"clear_pending_creates": True}),
    Phase("p8-after-clear"),
)

SCENARIOS = (
    Scenario("01-create", "creates, then changes nothing", numbered(2)),
    Scenario("02-update", "updates in place", numbered(2)),
    Scenario("03-replace", "replaces, creating before deleting", numbered(2)),
    Scenario("04-delete-before-replace", "replaces, deleting dependents first", numbered(2)),
    Scenario("05-delete", "deletes what left the program", numbered(3)),
    Scenario("06-components", "knows components and every kind of output", numbered(2)),
    Scenario("07-dependencies", "keeps every kind of dependency", numbered(2)),
    Scenario(
        "08-secrets",
        "seals secrets wherever they flow",
        numbered(2),
        config={"golden:plain": "visible"},
        secret_config={"golden:token": "s3cr3t-token"},
    ),
    Scenario("09-protect", "spares what is protected", numbered(5)),
    Scenario("10-ignore", "ignores and replaces as options say", numbered(4)),
    Scenario("11-aliases", "finds renamed resources again", numbered(3)),
    Scenario(
        "12-providers",
        "configures, updates and replaces explicit and default providers",
        numbered(3),
        config={"liferaft:region": "nbg1"},
        secret_config={"liferaft:token": "t0"},
    ),
    Scenario("13-failures", "keeps what was done before a failure", numbered(8)),
    Scenario("15-refresh", "takes the providers' word for what is there", REFRESHING),
    Scenario("16-import", "imports what exists, and makes it as the program says", IMPORTING),
    Scenario("17-stack-reference", "reads other stacks' outputs", REFERRING),
    Scenario("18-destroy", "destroys from the leaves", DESTROYING),
    Scenario("19-unknowns", "previews with unknown values", numbered(2)),
    Scenario("20-raises", "deletes nothing when a program fails", numbered(9)),
    Scenario("21-check-failure", "shows every input refused", numbered(3)),
)
