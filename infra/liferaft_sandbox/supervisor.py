"""`python -m liferaft_sandbox.supervisor STATE_FOLDER`: the first process of a lab.

It runs inside fresh mount, network and process namespaces, so whatever it starts ends with it. The
namespace's first process only collects orphans; its child is the supervisor proper.
"""

import json
import os
import socketserver
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from liferaft.failures import Failure
from liferaft_sandbox.failures import SandboxFailed
from liferaft_sandbox.lab import machines
from liferaft_sandbox.lab.cloud import Cloud
from liferaft_sandbox.lab.programs import run
from liferaft_sandbox.state import INSIDE, SUPERVISOR_SOCKET, State
from liferaft_sandbox.whole import Lab, Plan


def collect_orphans_of(main: Callable[[], int]) -> int:
    """Run `main` in a child and reap everything else until it ends; its exit code is ours."""
    child = os.fork()
    if child == 0:
        os._exit(main())
    while True:
        ended, status = os.wait()
        if ended == child:
            return os.waitstatus_to_exitcode(status)


def mount_own_views() -> None:
    """A /sys of this network, cgroup v2 where systemd looks for it, an empty /run."""
    run("mount", "-t", "sysfs", "sysfs", "/sys")
    run("mount", "-t", "cgroup2", "none", "/sys/fs/cgroup")
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")


class Answers(socketserver.StreamRequestHandler):
    """One question, one answer, both a line of JSON."""

    server: "Socket"

    def handle(self) -> None:
        """Answer, or say what failed: a failure is the asker's to show."""
        line = self.rfile.readline()
        if not line:
            return
        answer: dict[str, Any]
        try:
            answer = {"answer": self.server.answer(json.loads(line))}
        except Failure as failure:
            facts = failure.facts
            answer = {"error": facts.happened, "details": dict(facts.details)}
        except (KeyError, TypeError, ValueError) as error:
            answer = {"error": f"The question was not understood: {error!r}."}
        self.wfile.write(json.dumps(answer).encode() + b"\n")


class Socket(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Serves the lab to control planes and to the command."""

    daemon_threads = True

    def __init__(self, path: Path, lab: Lab) -> None:
        super().__init__(str(path), Answers)
        self._lab = lab

    def answer(self, question: dict[str, Any]) -> object:
        """The answer as JSON. Raises Failure, or what a malformed question raises."""
        match question["do"]:
            case "reconcile":
                self._cloud(question).reconcile(machines.from_json(question["desired"]))
            case "states":
                return self._cloud(question).states()
            case "terminate":
                self._lab.terminate(self._cloud_name(question))
            case "reinstate":
                self._lab.reinstate(self._cloud_name(question))
            case "reboot":
                return self._cloud(question).reboot(str(question["running"]))
            case "make_bucket":
                self._lab.make_bucket(str(question["name"]))
            case "kill" | "revive" | "cut" | "mend" as change:
                lab = self._lab
                changes = {"kill": lab.kill, "revive": lab.revive, "cut": lab.cut, "mend": lab.mend}
                changes[change](str(question["name"]))
            case "counters":
                return self._lab.counters()
            case unknown:
                raise ValueError(unknown)
        return None

    def _cloud_name(self, question: dict[str, Any]) -> str:
        cloud = str(question["cloud"])
        if cloud not in self._lab.clouds:
            raise SandboxFailed(f"There is no cloud {cloud} in the sandbox.")
        return cloud

    def _cloud(self, question: dict[str, Any]) -> Cloud:
        return self._lab.clouds[self._cloud_name(question)]


def supervise(state: State) -> int:
    """Bring the lab up, then answer until killed; 1 when it could not come up."""

    def say(line: str) -> None:
        with state.progress.open("a") as progress:
            progress.write(f"{line}\n")

    try:
        mount_own_views()
        INSIDE.parent.mkdir()
        INSIDE.write_text(str(state.folder))
        lab = Lab(state, Plan.read(state.folder / "plan.json"))
        with Socket(SUPERVISOR_SOCKET, lab) as server:
            # Control planes may ask before the last service is healthy.
            threading.Thread(target=server.serve_forever, daemon=True).start()
            lab.bring_up(say)
            threading.Event().wait()
    except Failure as failure:
        facts = failure.facts
        said = {"happened": facts.happened, "do": facts.do, "details": dict(facts.details)}
        partial = state.failure.with_suffix(".partial")
        partial.write_text(json.dumps(said))
        partial.rename(state.failure)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(collect_orphans_of(lambda: supervise(State(Path(sys.argv[1])))))
