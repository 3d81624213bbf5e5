#!/usr/bin/env python
"""Stands in for the Pulumi CLI where only our side of it is looked at.

It says nothing of how the real one behaves (`test_takeover.py` asks that one): it notes how it was
called in $STANDIN/calls.jsonl, plays the recorded events in $STANDIN/events.jsonl to --event-log,
and exits with $STANDIN/exit. With $STANDIN/hang it goes on until it is interrupted.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

HOME = Path(os.environ["STANDIN"])
FILES = ("Pulumi.yaml", "Pulumi.dev.yaml", "aws-config", "aws-credentials")

MOMENT = "2026-11-22T14:00:00.000Z"
UPDATE = {
    "kind": "update",
    "startTime": MOMENT,
    "message": "",
    "environment": {},
    "config": {},
    "result": "succeeded",
    "endTime": MOMENT,
}


def main() -> int:
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    found = {name: Path(name).read_text() for name in FILES if Path(name).exists()}
    call = {
        "argv": sys.argv,
        "env": dict(os.environ),
        "cwd": str(Path.cwd()),
        "program": os.path.realpath("program"),
        "files": found,
    }
    with (HOME / "calls.jsonl").open("a") as calls:
        calls.write(json.dumps(call) + "\n")
    if words[:2] == ["stack", "select"] and (HOME / "new").exists():
        sys.stderr.write("error: no stack named 'dev' found\n")
        return 6
    if words[0] not in {"up", "preview", "destroy", "refresh"}:
        sys.stdout.write(json.dumps([UPDATE]) if "history" in words else "{}")
        return 0
    if (HOME / "hang").exists():
        return hang()
    play(sys.argv[sys.argv.index("--event-log") + 1].removeprefix("tcp://"))
    sys.stderr.write((HOME / "stderr").read_text() if (HOME / "stderr").exists() else "")
    return int((HOME / "exit").read_text()) if (HOME / "exit").exists() else 0


def hang() -> int:
    stopped: list[int] = []
    if (HOME / "hang").read_text() != "deaf":
        signal.signal(signal.SIGINT, lambda *_: stopped.append(1))
    else:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    (HOME / "hangs").touch()
    end = time.monotonic() + 60
    while not stopped and time.monotonic() < end:
        time.sleep(0.02)
    (HOME / "interrupted").touch()
    return 255


def play(address: str) -> None:
    import grpc
    from pulumi.runtime.proto import events_pb2, events_pb2_grpc

    if (HOME / "events.jsonl").exists():
        lines = (HOME / "events.jsonl").read_text().splitlines()
        with grpc.insecure_channel(address) as channel:
            stub = events_pb2_grpc.EventsStub(channel)
            stub.StreamEvents(events_pb2.EventRequest(event=line) for line in lines)


sys.exit(main())
