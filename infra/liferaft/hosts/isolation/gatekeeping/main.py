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
from .wants import load

LOOK_SECONDS: Final = 1.0
"""How often the kernel is asked what it turned away, while units that ended can still be named."""
SAVE_SECONDS: Final = 0.5
OPEN_SECONDS: Final = 30.0
"""How often allowed names are looked up whatever is asked."""


def main(argv: Sequence[str]) -> int:
    """The act, and the file that says what is allowed."""
    act, *rest = argv
    if act == "call":
        json.dump(trying.call(json.load(sys.stdin)), sys.stdout)
        return 0
    (told_at,) = rest
    told = json.loads(Path(told_at).read_bytes())
    if act == "try":
        asked = json.load(sys.stdin)
        found = trying.trials(told["table"], asked["callees"], inside=asked["inside"])
        time.sleep(LOOK_SECONDS + SAVE_SECONDS)  # until the gate has noted for whom that was
        json.dump([asdict(one) for one in found], sys.stdout)
        return 0
    if act == "told":
        time.sleep(LOOK_SECONDS + SAVE_SECONDS)  # until what was asked by now is in the file
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    wants = load(Path(told["record"]), boot)
    gate = Gatekeeper(names.read(told), wants, told["table"], told["mark"])
    if act == "told":
        with suppress(NoGate):  # what was noted before it went is told all the same
            gate.look()
        sys.stdout.write(wants.text())
        return 0
    return _keep(gate, told)


def _keep(gate: Gatekeeper, told: dict[str, Any]) -> int:
    ending = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: ending.set())
    record = Path(told["record"])
    serve(gate, told["port"], told["bridge_port"])
    threading.Thread(target=watch, args=[gate.questions], daemon=True).start()
    gate.open_allowed()
    _notify("READY=1")
    opened = time.monotonic()
    while True:
        is_ending = ending.wait(LOOK_SECONDS)
        gate.look()
        gate.wants.save(record)
        if is_ending:
            return 0
        if time.monotonic() - opened >= OPEN_SECONDS:
            gate.open_allowed()
            opened = time.monotonic()


def _notify(said: str) -> None:
    """Tell systemd, where it asked to be told."""
    if place := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as telling:
            telling.sendto(said.encode(), place.replace("@", "\0", 1))
