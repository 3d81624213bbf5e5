"""systemd: services, and programs that run in units of their own."""

import re
from collections.abc import Callable

from tests.models.call import Call
from tests.models.machine import Machine, Unit, program

from liferaft.clouds.systems import DEFAULT_SYSTEM
from liferaft.data.postgres.layout import cluster_of
from liferaft.data.proof import UNIT as SCRATCH

UNITS = "/etc/systemd/system"
Starting = Callable[..., bool]
"""Whether the service came up: of a machine, and of what the name's pattern has found."""
_starting: dict[str, Starting] = {}
_CLUSTER = cluster_of(DEFAULT_SYSTEM)
_packaged = {
    "caddy.service": "caddy",
    "postgresql.service": _CLUSTER.packages[0],
    _CLUSTER.unit: _CLUSTER.packages[0],
    "ssh.service": None,
}
"""Units that come with a package."""


def starting(pattern: str) -> Callable[[Starting], Starting]:
    """What happens when a service whose name matches is started."""

    def registered(body: Starting) -> Starting:
        _starting[pattern] = body
        return body

    return registered


def file_of(unit: str) -> str:
    """The file of ours that describes it: a timer has one for each instance."""
    named = unit if unit.endswith(".timer") else re.sub(r"@[^.]*", "@", unit)
    return f"{UNITS}/{named}"


def exists(machine: Machine, unit: str) -> bool:
    if machine.files.is_file(file_of(unit)):
        return True
    package = _packaged.get(unit, "")
    return package is None or package in machine.packages


def start(machine: Machine, unit: str) -> bool:
    """Whether it runs now."""
    state = machine.units.setdefault(unit, Unit())
    if not state.active:
        found = ((re.fullmatch(pattern, unit), body) for pattern, body in _starting.items())
        called = next(((match, body) for match, body in found if match), None)
        state.active = called is None or called[1](machine, *called[0].groups())
        state.failed = not state.active
        state.entered = machine.clock
    return state.active


def stop(machine: Machine, unit: str) -> None:
    machine.units.setdefault(unit, Unit()).active = False


def loads(machine: Machine) -> None:
    """What `daemon-reload` does."""
    for unit, state in machine.units.items():
        path = file_of(unit)
        if machine.files.is_file(path):
            state.loaded = machine.files.there[path].at


def _named(word: str) -> str:
    return word if word.endswith((".service", ".timer")) else f"{word}.service"


@program("systemctl")
async def systemctl(call: Call) -> int:
    machine = call.machine
    options = {word for word in call.arguments if word.startswith("-") and word != "-P"}
    words = [word for word in call.arguments if not word.startswith("-")]
    known = {"--quiet", "--now", "--no-block", "--property=ActiveState,Result"}
    if not options <= known:
        return call.refuse()
    verb, *rest = words
    if verb == "daemon-reload":
        loads(machine)
        return 0
    if verb == "show":
        return _show(call, rest)
    units = [_named(word) for word in rest]
    codes = [_done(call, verb, unit, now="--now" in options) for unit in units]
    return max(codes)


def _done(call: Call, verb: str, unit: str, *, now: bool) -> int:  # noqa: C901, PLR0911, PLR0912
    machine = call.machine
    state = machine.units.get(unit, Unit())
    if verb == "is-active":
        return 0 if state.active else 3
    if verb == "is-enabled":
        return 0 if state.enabled else 1
    if verb == "is-failed":
        call.say("failed\n" if state.failed else "active\n" if state.active else "inactive\n")
        return 0 if state.failed else 1
    if verb == "stop":
        if unit in machine.units:
            stop(machine, unit)
            return 0
        return 0 if exists(machine, unit) else call.complain(f"Unit {unit} not loaded.", 5)
    if verb == "reset-failed":
        state.failed = False
        return 0 if unit in machine.units else 1
    if not exists(machine, unit):
        return call.complain(f"Unit {unit} not found.", 5)
    fresh = unit not in machine.units
    state = machine.units.setdefault(unit, Unit())
    if fresh and machine.files.is_file(file_of(unit)):
        state.loaded = machine.files.there[file_of(unit)].at
    if verb == "enable":
        state.enabled = True
        return int(now and not start(machine, unit))
    if verb == "disable":
        state.enabled = False
        if now:
            stop(machine, unit)
        return 0
    if verb == "start":
        return int(not start(machine, unit))
    if verb in ("restart", "reload", "reload-or-restart"):
        if verb == "restart":
            stop(machine, unit)
        elif state.active:
            state.active = False  # looked at anew, without an end in between
        return int(not start(machine, unit))
    return call.refuse()


def _show(call: Call, words: list[str]) -> int:
    machine = call.machine
    if "-P" in call.arguments:
        name, unit = words
    else:
        name, unit = "", words[0]
    state = machine.units.get(_named(unit), Unit())
    path = file_of(_named(unit))
    written = machine.files.there[path].at if machine.files.is_file(path) else 0.0
    answers = {
        "": f"ActiveState={_active(state)}\nResult={'exit-code' if state.failed else 'success'}",
        "NRestarts": str(state.restarts),
        "ActiveEnterTimestamp": f"@{state.entered:.0f}" if state.entered else "",
        "NeedDaemonReload": "yes" if written > state.loaded else "no",
    }
    if name not in answers:
        return call.refuse()
    call.say(answers[name] + "\n")
    return 0


def _active(state: Unit) -> str:
    return "active" if state.active else "failed" if state.failed else "inactive"


@program("systemd-run")
async def systemd_run(call: Call) -> int:
    """What is not waited for is at its end at once: nobody can tell."""
    words, unit, waits = call.arguments, "", False
    while words[0].startswith("--") and words[0] != "--":
        word = words.pop(0)
        waits = waits or word == "--wait"
        unit = word.removeprefix("--unit=") if word.startswith("--unit=") else unit
        if word.startswith("--on-active="):
            return 0  # a timer: no story takes as long as it has
        known = word.startswith(("--unit=", "--property=", "--uid=", "--gid=", "--description="))
        if not known and word not in ("--wait", "--pipe", "--collect", "--quiet"):
            return call.refuse()
    if words[0] == "--":
        words.pop(0)
    if unit == SCRATCH:
        words = words[words.index("-") + 2 :]  # without the watch that a trial gives way by
    state = call.machine.units.get(unit)
    if state is not None and (state.active or state.failed):
        return call.complain(f"Unit {unit} was already loaded.")
    code = await call.run(words)
    if not waits:
        call.machine.units[unit] = Unit(failed=code != 0)
        return 0
    return code


@program("journalctl")
async def journalctl(call: Call) -> int:
    call.say("nothing is written down here\n")
    return 0
