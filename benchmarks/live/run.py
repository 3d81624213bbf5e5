"""One run: what is left of earlier ones goes first, then story and suite, then all they made."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.live import APP, APPS, left
from benchmarks.live.answers import Redaction
from benchmarks.live.budget import Budget
from benchmarks.live.consent import Consent
from benchmarks.live.ending import undisturbed
from benchmarks.live.metered import MeteredCloud
from benchmarks.live.playing import Player
from benchmarks.live.reach import Reach
from benchmarks.live.report import LiveReport
from benchmarks.live.story import Scene, steps
from liferaft.clouds.contract import Cloud
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.prices import PriceList
from liferaft.clouds.systems import DEFAULT_SYSTEM, System

PARTS = ("story", "contract")
GOOGLES_KEY = "GOOGLE_APPLICATION_CREDENTIALS"
IDENTITIES = ("HETZNER_S3_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID")


@dataclass
class Run:
    """What one run is made of.

    Attributes:
        opened: opens the cloud with these credentials.
        environ: the operator's variables, of which nothing gets into the report.
        parts: of PARTS, those that are played.
        system: what its servers run.
        say: tells a person what is done.
        clock: seconds, for the budget.
    """

    opened: Callable[[Mapping[str, str], Patience], Cloud]
    prices: PriceList
    reach: Reach
    consent: Consent
    environ: Mapping[str, str] = field(repr=False)
    limit: float
    seconds: float
    report_path: Path
    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    parts: Sequence[str] = PARTS
    system: System = DEFAULT_SYSTEM

    def __post_init__(self) -> None:
        self.cloud = self.opened(self.environ, Patience())

    @property
    def bucket(self) -> str:
        """The same for every run in one account, and nobody else's in the world."""
        return f"{APP}{self._mark}"

    @property
    def _mark(self) -> str:
        known = [self.environ.get(name, "") for name in IDENTITIES]
        key_file = Path(self.environ.get(GOOGLES_KEY) or "/nowhere")
        if key_file.is_file():
            known.append(json.loads(key_file.read_text()).get("project_id", ""))
        return f"-{hashlib.sha256(' '.join(known).encode()).hexdigest()[:8]}"

    def clean(self) -> left.Left:
        """Whatever runs have left here is told and deleted; what is left nevertheless."""
        found = left.look(self.cloud, APPS)
        for sentence in found.sentences:
            self.say(f"left here: {sentence}")
        with undisturbed(self.say):
            return self._remove(self.cloud)

    def play(self) -> LiveReport:
        """The report, which lies there as well. What was made is gone, whatever happened; what
        could not be deleted stands in the report."""
        budget = Budget(self.limit, self.seconds, self.prices, self.clock)
        report = LiveReport(
            cloud=self.cloud.name,
            region=self.cloud.region,
            run=f"run-{_now():%Y%m%dt%H%M%Sz}",
            began=_now().isoformat(timespec="seconds"),
            currency=self.prices.currency,
            limit=self.limit,
        )
        metered = MeteredCloud(self.cloud, budget, self.consent)
        redaction = Redaction.of(self.environ)
        player = Player(
            budget, report, redaction, self.say, keep=lambda: report.write(self.report_path)
        )
        scene = Scene(metered, report.run, self.bucket, self.reach, self.system)
        state = "interrupted"
        self.say(
            f"{report.run} at {report.cloud} {report.region}: at most {self.limit:g} "
            f"{self.prices.currency} by list prices of {self.prices.region}, "
            f"{self.prices.read}, within {self.seconds / 60:g} minutes"
        )
        try:
            self.clean()
            if "story" in self.parts:
                player.play(steps(), scene)
                self._remove(metered)
            if "contract" in self.parts:
                self._play_suite(player)
            state = "ended"
        finally:
            with undisturbed(self.say):
                remaining = self._remove(metered)
                report.left = [redaction(sentence) for sentence in remaining.sentences]
                report.state, report.ended = state, _now().isoformat(timespec="seconds")
                report.estimate = round(budget.estimate, 4)
                report.write(self.report_path)
        return report

    def _remove(self, cloud: Cloud, say: left.Say | None = None) -> left.Left:
        buckets = [self.bucket, *(f"{app}{self._mark}-media" for app in APPS)]
        return left.remove(cloud, say or self.say, apps=APPS, buckets=buckets)

    def _play_suite(self, player: Player) -> None:
        from tests.contract.worlds.live import LiveWorld

        from benchmarks.live import suite  # it loads what the simulated clouds are made of

        def opened(credentials: Mapping[str, str], patience: Patience) -> Cloud:
            return MeteredCloud(self.opened(credentials, patience), player.budget, self.consent)

        metered = opened(self.environ, Patience())
        world = LiveWorld(
            *(self.cloud.name, self.cloud.region, self.environ, opened),
            cleared=lambda: self._cleared(metered),
            app=APP,
            mark=self._mark,
        )
        suite.play(world, player)

    def _cleared(self, cloud: Cloud) -> None:
        self._remove(cloud, say=lambda _: None)


def _now() -> datetime:
    return datetime.now(UTC)
