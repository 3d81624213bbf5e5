"""One rehearsal from beginning to end: deploy, users, a story's chapters, the account."""

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from liferaft_sandbox.addresses import VENDORS
from liferaft_sandbox.failures import SandboxFailed
from liferaft_sandbox.rehearsal.laptop import on_a_new_laptop
from liferaft_sandbox.rehearsal.operator import Operator
from liferaft_sandbox.rehearsal.scene import CLOUD_OF
from liferaft_sandbox.rehearsal.stage import Stage
from liferaft_sandbox.rehearsal.stories import NO_POINT, PRIMARY, Chapter, Story, sites
from liferaft_sandbox.rehearsal.verdict import Fallen, Observed
from liferaft_sandbox.users.account import Account, account_of
from liferaft_sandbox.users.records import answers_in

EVIDENCE = "evidence"
"""The folder in which the failover's own report is, as an auditor would be given it."""
BEFORE_TERMINATION = (12.0, 35.0)
"""Seconds from the snapshot to the termination: some WAL is archived by then, some is not."""
TAIL_MARGIN_SECONDS = 15.0
"""How much longer than the TTL users may be led to the old address."""
COPY = "bucket-"
"""How names of a failover's steps begin that copy a bucket."""
ENDED = ("done", "held")


def play(stage: Stage, seed: int, story: Story, *, successor: Operator | None = None) -> Observed:
    """Play it. successor: who gives the commands from the first termination on, where that is
    somebody else. Raises SandboxFailed when a command fails, NotReadyInTime when users get nowhere.
    """
    places = sites(stage.scene.pair)
    _deploy(stage.operator, places[PRIMARY], stage.say)
    users = stage.users
    with users.at_work(seed, spread=stage.spread_seconds, slow_line=True):
        began = time.monotonic()
        users.await_writes()
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
        survival=users.read_back(copied=is_all_there(last.run, story)),
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
