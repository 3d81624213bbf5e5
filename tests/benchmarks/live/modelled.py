"""A run against the modelled cloud, with prices of its own and a clock that is turned by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.live.consent import Consent, GivenAhead
from benchmarks.live.report import LiveReport
from benchmarks.live.run import Run
from tests.models.cloud import CloudModel, Things
from tests.models.vault import VaultModel

from liferaft.clouds.classification import Classification, Verdict
from liferaft.clouds.contract import Resource
from liferaft.clouds.kinds import KINDS, BucketFacts
from liferaft.clouds.prices import Price, PriceList
from liferaft.hosts.keys import SshKeyPair
from liferaft.vault import Vault

PRICES = PriceList(
    "EUR",
    "here",
    address=Price(0.01, "the model's own", "2026"),
    objects=Price(7.3, "the model's own", "2026"),
    image_gb=Price(0.0, "the model's own", "2026"),
    volume_gb=Price(0.73, "the model's own", "2026"),
)
T = TypeVar("T")
ENVIRON = {
    "AWS_ACCESS_KEY_ID": "AKIAMODELMODELMODEL1",
    "AWS_SECRET_ACCESS_KEY": "kept-to-ourselves",
}
_FILTER = Classification(Verdict.REFUSED, "invalid", "a filter needs parentheses")
_UNKNOWN = Classification(Verdict.AMBIGUOUS, "unauthorized", "there is no such key")
_BUSY = Classification(Verdict.REFUSED, "busy", "an action of account 123456789012 is running")


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class ReachModel:
    """Implements Reach. `at_login` is what else happens when somebody logs in."""

    cloud: CloudModel
    client: SshKeyPair = field(default_factory=lambda: SshKeyPair("private", "ssh-ed25519 AAAA"))
    objects: VaultModel = field(default_factory=VaultModel)
    at_login: Callable[[], None] = lambda: None

    def user_data(self) -> str:
        return "#!/bin/sh\n"

    async def addresses(self, server: str) -> Sequence[str]:
        self.at_login()
        servers = self.cloud.holds.of("server").values()
        return [one.facts.private_address for one in servers if one.facts.public_address == server]

    async def has_device(self, server: str, device: str) -> bool:
        return device in {one.facts.device for one in self.cloud.holds.of("volume").values()}

    def store(self, bucket: BucketFacts) -> Vault:
        return self.objects


@dataclass
class Stubborn(Things):
    """Refuses the first deletions of each thing."""

    refusals: dict[str, int] = field(default_factory=dict)

    def delete(self, ident: str) -> None:
        if self.refusals.get(ident, 1):
            self.refusals[ident] = self.refusals.get(ident, 1) - 1
            raise self.cloud.refusal(f"deleting {self.kind} {ident}", _BUSY)
        super().delete(ident)


@dataclass
class StubbornCloud(CloudModel):
    """Implements Cloud."""

    things: dict[str, Stubborn] = field(default_factory=dict)

    @property
    def kinds(self) -> Mapping[str, Resource[Any, Any]]:
        return {kind: self._of(kind) for kind in KINDS}

    def refuse(self, kind: str, ident: str, *, times: int) -> None:
        """Once is what it does anyway."""
        self._of(kind).refusals[ident] = times

    def _of(self, kind: str) -> Stubborn:
        return self.things.setdefault(kind, Stubborn(self, kind))


@dataclass
class CloudOfOtherFilters(CloudModel):
    """Refuses to list volumes."""

    def ask(self, what: str, act: Callable[[], T]) -> T:
        if what == "list volume":
            raise self.refusal("listing volumes", _FILTER)
        return super().ask(what, act)


@dataclass
class ClosedCloud(CloudModel):
    """Knows nobody."""

    def ask(self, what: str, act: Callable[[], T]) -> T:
        raise self.refusal(what, _UNKNOWN)


@dataclass
class Played:
    """A run that is ready to be played. What it said is kept."""

    folder: Path
    cloud: CloudModel = field(default_factory=CloudModel)
    clock: Clock = field(default_factory=Clock)
    consent: Consent = field(default_factory=GivenAhead)
    limit: float = 100.0
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reach = ReachModel(self.cloud)

    @property
    def run(self) -> Run:
        return Run(
            opened=lambda given, _: self.cloud if given == ENVIRON else ClosedCloud(),
            prices=PRICES,
            reach=self.reach,
            consent=self.consent,
            environ=ENVIRON,
            limit=self.limit,
            seconds=3600,
            report_path=self.folder / "live-report.json",
            say=self.said.append,
            clock=self.clock,
            parts=("story",),
        )

    def play(self) -> LiveReport:
        return self.run.play()


def outcomes(report: LiveReport) -> dict[str, str]:
    """By step."""
    return {step.name: step.outcome for step in report.steps}
