"""`keep`: be the gate until told to end. `told`: print what was asked for in vain, as JSON. `try`:
call those who are named on standard input, and print who answered; `call` is its other end."""

import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from . import names, trying
from .bridges import watch
from .gatekeeper import Gatekeeper
from .kernel import NoGate
from .serving import serve
from .wants import is_kept, keeping, load, wait_until_noted

LOOK_SECONDS: Final = 1.0
"""How often the kernel is asked what it turned away, while units that ended can still be named."""
OPEN_SECONDS: Final = 30.0
"""How often allowed names are looked up whatever is asked."""
READY_SECONDS: Final = 10.0
"""How long a start waits for allowed names: a boot goes on where no resolver answers yet."""
NOTED_SECONDS: Final = 20.0
"""How long what was asked just now may take to be noted, on a busy host."""


def main(argv: Sequence[str]) -> int:
    """The act, and the file that says what is allowed."""
    act, *rest = argv
    if act == "call":
        json.dump(trying.call(json.load(sys.stdin)), sys.stdout)
        return 0
    told = json.loads(Path(rest[0]).read_bytes())
    record = Path(told["record"])
    if act == "try":
        asked = json.load(sys.stdin)
        found = trying.trials(told["table"], asked["callees"], inside=asked["inside"])
        json.dump([asdict(one) for one in found], sys.stdout)
        wait_until_noted(record, NOTED_SECONDS)  # while it can be told whose calls that were
        return 0
    if act == "told":
        wait_until_noted(record, NOTED_SECONDS)
        gate = _gate(told)
        if not is_kept(record):
            with suppress(NoGate):  # what was noted before it went is told all the same
                gate.look()
        sys.stdout.write(gate.wants.text())
        return 0
    with keeping(record):
        _keep(_gate(told), told["port"], told["bridge_port"], record)
    return 0


def _gate(told: dict[str, Any]) -> Gatekeeper:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    wants = load(Path(told["record"]), boot)
    return Gatekeeper(names.read(told), wants, told["table"], told["mark"])


def _keep(gate: Gatekeeper, port: int, bridge_port: int, record: Path) -> None:
    ending, opened = threading.Event(), threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: ending.set())
    serve(gate, port, bridge_port)
    for going_on in (lambda: watch(gate.lookups), lambda: _open(gate, opened)):
        threading.Thread(target=going_on, daemon=True).start()
    opened.wait(READY_SECONDS)
    _notify("READY=1")
    while True:
        is_ending = ending.wait(LOOK_SECONDS)
        gate.look()
        gate.wants.save(record)
        if is_ending:
            return


def _open(gate: Gatekeeper, opened: threading.Event) -> None:
    """Allowed names may be called, for ever: their addresses may become others."""
    while True:
        gate.open_allowed()
        opened.set()
        time.sleep(OPEN_SECONDS)


def _notify(said: str) -> None:
    """Tell systemd, where it asked to be told."""
    if place := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as telling:
            telling.sendto(said.encode(), place.replace("@", "\0", 1))
