"""One of two app servers dies while users are at work, and they are not to notice."""

import time
from collections.abc import Sequence

from liferaft_sandbox.failures import NotReadyInTime, SandboxFailed
from liferaft_sandbox.rehearsal.scene import CLOUD_OF
from liferaft_sandbox.rehearsal.stage import Stage
from liferaft_sandbox.users.records import Answer, Kind, answers_in

DYING = "app-2"
"""Caddy, and with it the site's address, is on the first one."""
DEATH = ("systemd-run", "--quiet", "sh", "-c", "sleep 1; exec systemctl poweroff -ff")
"""All of it at once, without a farewell to anybody: the command has ended by then."""
DIES_WITHIN = 30.0
WATCHED_SECONDS = 45.0
POLL_SECONDS = 0.05
KNOWN_WITHIN = 2.5
"""Seconds in which a write may be what finds it dead: such a one is not sent to another server."""


def lose_server(stage: Stage, site: str) -> None:
    """It is gone, and what users ask from then on is answered by the other one.

    Raises SandboxFailed where somebody noticed, or where `status` does not tell.
    """
    ran = _stopped(stage, site)
    stage.operator.run("ssh", DYING, "--site", site, "--", *DEATH)
    deadline = time.monotonic() + DIES_WITHIN
    while _stopped(stage, site) == ran:
        if time.monotonic() > deadline:
            raise NotReadyInTime(f"Waited {DIES_WITHIN:.0f} s for {DYING} to die.")
        time.sleep(POLL_SECONDS)
    died = time.time()
    stage.say(f"*** {DYING} is dead, its address answers nothing ***")
    time.sleep(WATCHED_SECONDS)
    told = {one["server"]: one["is_well"] for one in stage.operator.ask("status")["app_servers"]}
    if told != {"app-1": True, DYING: False}:
        raise SandboxFailed(f"`status` does not tell that {DYING} is dead: {told}.")
    noticed, asked = noticed_by(answers_in(stage.folder), died)
    if noticed:
        raise SandboxFailed(
            f"Users noticed: {len(noticed)} of {asked} answers were not good.",
            details={"first": str(noticed[0])},
        )
    stage.say(f"  users asked {asked} times since, and noticed nothing")


def noticed_by(answers: Sequence[Answer], died: float) -> tuple[list[Answer], int]:
    """What users did not get of all that they asked for since then, and how much that was. Pure.

    What was under way there died with it. A write that waits longer than its user does is what a
    busy machine makes of hashing and uploads: it is none of what is looked for.
    """
    since = [answer for answer in answers if answer.start >= died]
    return [answer for answer in since if _is_noticed(answer, died)], len(since)


def _is_noticed(answer: Answer, died: float) -> bool:
    is_early_write = answer.kind is not Kind.READ and answer.start < died + KNOWN_WITHIN
    if answer.is_good or is_early_write:
        return False
    return answer.kind is Kind.READ or answer.holding


def _stopped(stage: Stage, site: str) -> int:
    states = stage.sandbox.supervisor.states(CLOUD_OF[site])
    return sum(state == "stopped" for state in states.values())
