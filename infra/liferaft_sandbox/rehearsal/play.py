"""One rehearsal from beginning to end: deploy, users, a story's chapters, the account."""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from liferaft_sandbox import addresses
from liferaft_sandbox.addresses import VENDORS
from liferaft_sandbox.failures import NotReadyInTime, SandboxFailed
from liferaft_sandbox.rehearsal.laptop import on_a_new_laptop
from liferaft_sandbox.rehearsal.operator import Operator
from liferaft_sandbox.rehearsal.scene import CLOUD_OF
from liferaft_sandbox.rehearsal.stage import Stage
from liferaft_sandbox.rehearsal.stories import NO_POINT, PRIMARY, Chapter, Story, sites
from liferaft_sandbox.rehearsal.verdict import Fallen, Observed
from liferaft_sandbox.users.account import Account, account_of, acknowledged_in
from liferaft_sandbox.users.records import FILE_NAME, answers_in

EVIDENCE = "evidence"
"""The folder in which the failover's own report is, as an auditor would be given it."""
BASE = f"https://{addresses.APP_ZONE}"
WARM_WRITES = 10
WARM_SECONDS = 60.0
BEFORE_TERMINATION = (12.0, 35.0)
"""Seconds from the snapshot to the termination: some WAL is archived by then, some is not."""
TAIL_MARGIN_SECONDS = 15.0
"""How much longer than the TTL users may be led to the old address."""
VERIFY_SECONDS = 30.0
"""How long the application is asked again for what it has no answer to."""
COPY = "bucket-"
"""How names of a failover's steps begin that copy a bucket."""
ENDED = ("done", "held")
READ_BACK_SECONDS = 600.0
STOP_SECONDS = 20.0


def play(stage: Stage, seed: int, story: Story, *, successor: Operator | None = None) -> Observed:
    """Play it. successor: who gives the commands from the first termination on, where that is
    somebody else. Raises SandboxFailed when a command fails, NotReadyInTime when users get nowhere.
    """
    places = sites(stage.scene.pair)
    _deploy(stage.operator, places[PRIMARY], stage.say)
    with crowd(stage, seed) as records:
        began = time.monotonic()
        await_writes(records)
        stage.say(f"users write; seed {seed}; {story.sentence}")
        site, hops = places[PRIMARY], list[Hop]()
        for chapter in story.chapters:
            for act in chapter.acts:
                act(stage, site)
            if not hops:  # resolvers' caches are of all ages from then on
                time.sleep(max(0.0, began + stage.spread_seconds - time.monotonic()))
            time.sleep(random.Random(seed).uniform(*BEFORE_TERMINATION))  # noqa: S311 - no key
            stage = replace(stage, operator=successor or stage.operator)
            if chapter.laptop:
                stage = on_a_new_laptop(stage, chapter.laptop)
            hops.append(_fall(stage, site, places[chapter.to], chapter))
            site = places[chapter.to]
            for act in chapter.afterwards:
                act(stage, site)
    *earlier, last = hops
    stage.operator.run("report", "verify")
    stage.operator.run("report", "export", "--to", str(stage.folder / EVIDENCE))
    stage.say("reading back everything that was acknowledged")
    return Observed(
        seed=seed,
        account=_account(stage, last),
        survival=_survival(stage, copied=is_all_there(last.run, story)),
        run=last.run,
        packets_to_primary=last.packets,
        calls_to_primary=last.calls,
        latency=stage.sandbox.facts["latency_ms"] / 1000,
        earlier=tuple(Fallen(hop.run.get("recovered_until"), hop.terminated_at) for hop in earlier),
    )


@dataclass(frozen=True)
class Hop:
    """One termination and the failover that answered it. Moments are Unix seconds."""

    since: float
    """From when on users were at the site that fell, whatever they saw of sites before it."""
    terminated_at: float
    command_at: float
    run: Mapping[str, Any]
    packets: Mapping[str, int]
    calls: Sequence[Mapping[str, Any]]


def _fall(stage: Stage, site: str, successor: str, chapter: Chapter) -> Hop:
    """The cloud of `site` drops its customer, who fails over to `successor`."""
    cloud, since = CLOUD_OF[site], time.time() - stage.spread_seconds
    calls_before = len(_calls(stage, cloud))
    stage.sandbox.supervisor.terminate(cloud)
    terminated_at = time.time()
    stage.say(f"*** {cloud} has dropped its customer ***")
    for vault in chapter.silent:
        stage.sandbox.supervisor.cut(vault)
        stage.say(f"*** vault {vault} answers nobody any more ***")
    command_at = time.time()
    stage.operator.run("failover", successor, "--yes", *(() if chapter.point else (NO_POINT,)))
    hop = Hop(since, terminated_at, command_at, {}, {}, ())
    stage.say("users go on until every resolver leads them to the new site")
    _await_everybody(stage, hop)
    return replace(
        hop,
        run=stage.operator.ask("report"),
        packets=_packets(stage.sandbox.supervisor.counters()[cloud]),
        calls=_calls(stage, cloud)[calls_before:],
    )


def _account(stage: Stage, hop: Hop) -> Account:
    answers = [answer for answer in answers_in(stage.folder) if answer.start >= hop.since]
    return account_of(answers, terminated_at=hop.terminated_at, command_at=hop.command_at)


def _deploy(operator: Operator, site: str, say: Callable[[str], None]) -> None:
    operator.run("preview", site)
    operator.run("deploy", site, "--yes")
    again = operator.ask("deploy", site, "--yes")
    if again["changed"]:
        raise SandboxFailed(f"A second deploy changed {', '.join(again['changed'])}.")
    say("  the second deploy changed nothing")


@contextmanager
def crowd(stage: Stage, seed: int) -> Iterator[Path]:
    """Users at work as long as the block runs; the file with their records."""
    records = stage.folder / FILE_NAME
    records.unlink(missing_ok=True)
    with _log_of_users(stage.folder).open("w") as log:
        process = subprocess.Popen(
            stage.operator.argv(
                *("users", sys.executable, "-m", "liferaft_sandbox.users", "--base", BASE),
                *("--resolvers", ",".join(addresses.USERS_RESOLVERS)),
                *("--ca", str(stage.ca_file), "--out", str(stage.folder), "--seed", str(seed)),
                *("--spread", str(stage.spread_seconds), "--slow-line"),
            ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            yield records
        finally:
            _stop(process)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Users write their last records when they are told to stop."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise NotReadyInTime(f"Users did not stop within {STOP_SECONDS:.0f} s.") from None


def _log_of_users(folder: Path) -> Path:
    return folder / "users.log"


def await_writes(records: Path) -> None:
    """Users have been promised to find WARM_WRITES things again. Raises NotReadyInTime."""
    deadline = time.monotonic() + WARM_SECONDS
    while not records.exists() or len(acknowledged_in(answers_in(records.parent))) < WARM_WRITES:
        if time.monotonic() > deadline:
            raise NotReadyInTime(
                f"Users could not write {WARM_WRITES} things within {WARM_SECONDS:.0f} s.",
                do=f"See {records} and {_log_of_users(records.parent)}.",
            )
        time.sleep(0.2)


def _await_everybody(stage: Stage, hop: Hop) -> None:
    """Users of every resolver are led to the new site. The account tells if some never were."""
    deadline = time.monotonic() + stage.spread_seconds + TAIL_MARGIN_SECONDS
    while time.monotonic() < deadline:
        account = _account(stage, hop)
        led = all(tail.first_new is not None for tail in account.resolvers)
        if led and account.first_good_write is not None:
            return
        time.sleep(1.0)


def is_all_there(run: Mapping[str, Any], story: Story) -> bool:
    """Whether no object that is missing can still come: the failover saw each bucket's copy end,
    and no vault was away then that has come back. Pure."""
    copies = [step for step in run["steps"] if step["name"].startswith(COPY)]
    no_vault_came_back = not story.chapters[-1].afterwards
    return no_vault_came_back and all(step["state"] in ENDED for step in copies)


def _survival(stage: Stage, *, copied: bool) -> dict[str, Any]:
    out = stage.folder / "survival.json"
    out.unlink(missing_ok=True)
    said = _run(
        stage.operator.argv(
            *("users", sys.executable, "-m", "liferaft_sandbox.users.verify", "--base", BASE),
            *("--resolver", addresses.USERS_RESOLVERS[0], "--ca", str(stage.ca_file)),
            *("--answers", str(stage.folder), "--out", str(out)),
            *("--seconds", str(VERIFY_SECONDS), *(["--copied"] if copied else [])),
        )
    )
    if not out.exists():
        raise SandboxFailed(
            "What users had been promised could not be read back.", details={"said": said}
        )
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def _run(argv: list[str]) -> str:
    """The end of what a command says on standard error; its exit code does not matter."""
    try:
        run = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            timeout=READ_BACK_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise NotReadyInTime(
            f"Waited {READ_BACK_SECONDS:.0f} s for what users had been promised to be read back."
        ) from None
    return run.stderr[-2000:]


def _packets(counters: Any) -> dict[str, int]:
    """By source. Of vendors of no cloud, what they began: they answer old connections a while."""
    return {
        source: sum(part["new" if source in VENDORS else "packets"] for part in parts.values())
        for source, parts in counters.items()
    }


def _calls(stage: Stage, cloud: str) -> list[dict[str, Any]]:
    """What a cloud's API was asked so far; nothing where there is none.

    Whole lines: the last may be under way.
    """
    logs: Mapping[str, str] = stage.sandbox.facts["access_logs"]
    path = logs.get(cloud)
    if path is None:
        return []
    lines = Path(path).read_text().splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]
