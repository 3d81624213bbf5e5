"""One of two app servers dies while users are at work, and they are not to notice."""

import time
from collections.abc import Sequence

from liferaft_sandbox.failures import NotReadyInTime, SandboxFailed
from liferaft_sandbox.rehearsal.scene import CLOUD_OF
from liferaft_sandbox.rehearsal.stage import Stage
from liferaft_sandbox.users.records import Answer, answers_in

DYING = "app-2"
"""Caddy, and with it the site's address, is on the first one."""
DEATH = ("systemd-run", "--quiet", "sh", "-c", "sleep 1; exec systemctl poweroff -ff")
"""All of it at once, without a farewell to anybody: the command has ended by then."""
DIES_WITHIN = 30.0
WATCHED_SECONDS = 45.0
POLL_SECONDS = 0.05


def lose_server(stage: Stage, site: str) -> None:
    """It is gone, and what users ask from then on is answered by the other one.

    Raises SandboxFailed where somebody noticed, or where `status` does not tell.
    """
    ran = _stopped(stage, site)
    stage.operator.run("exec", site, DYING, "--", *DEATH)
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
    stage.say(f"  users had {asked} good answers since, and no other")


def noticed_by(answers: Sequence[Answer], died: float) -> tuple[list[Answer], int]:
    """What users did not get of all that they asked for since then, and how much that was. Pure.

    What was under way there died with it.
    """
    since = [answer for answer in answers if answer.start >= died]
    return [answer for answer in since if not answer.is_good], len(since)


def _stopped(stage: Stage, site: str) -> int:
    states = stage.sandbox.supervisor.states(CLOUD_OF[site])
    return sum(state == "stopped" for state in states.values())
