"""What parent and child say to each other: one JSON object a line.

To the child: the request, once; then nothing, but the pipe stays open for as long as the parent
lives. From the child: events, the path of its lock, and at last an outcome or a failure.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Literal

from liferaft.failures import BadInput, Facts, Failure
from liferaft.provision.engine import faults
from liferaft.provision.engine.contract import (
    Diagnostic,
    OperationEvent,
    Outcome,
    Request,
    StateLocation,
)

Operation = Literal["preview", "up", "destroy", "refresh", "preview-refresh"]
_FAULTS: Final[Mapping[str, type[Failure]]] = {
    kind.__name__: kind
    for kind in (
        faults.EngineLacks,
        faults.Locked,
        faults.WrongPassphrase,
        faults.BadProgram,
        faults.StateUnreadable,
        faults.StateUnreachable,
        BadInput,
    )
}


def line(**said: Any) -> bytes:
    return json.dumps(said, separators=(",", ":")).encode() + b"\n"


def request_line(operation: Operation, request: Request) -> bytes:
    """Holds every secret of the request: it goes through a pipe, never to a file or log."""
    program = str(request.program.resolve())
    state = {"url": request.state.url, "options": dict(request.state.options)}
    fields = {
        "project": request.project,
        "stack": request.stack,
        "passphrase": request.passphrase,
        "config": dict(request.config),
        "secret_config": dict(request.secret_config),
        "providers": dict(request.providers),
        "parallel": request.parallel,
        "refresh": request.refresh,
        "clear_pending_creates": request.clear_pending_creates,
    }
    return line(operation=operation, program=program, state=state, fields=fields)


def read_request(text: bytes) -> tuple[Operation, Request]:
    said = json.loads(text)
    request = Request(
        program=Path(said["program"]), state=StateLocation(**said["state"]), **said["fields"]
    )
    return said["operation"], request


def event_line(event: OperationEvent) -> bytes:
    return line(event=asdict(event))


def outcome_line(outcome: Outcome) -> bytes:
    return line(outcome={**asdict(outcome), "secret_outputs": sorted(outcome.secret_outputs)})


def read_outcome(said: Mapping[str, Any]) -> Outcome:
    return Outcome(
        ok=said["ok"],
        outputs=said["outputs"],
        secret_outputs=frozenset(said["secret_outputs"]),
        changes=said["changes"],
        steps=tuple((op, urn) for op, urn in said["steps"]),
        diagnostics=tuple(_diagnostic(found) for found in said["diagnostics"]),
    )


def _diagnostic(said: Mapping[str, Any]) -> Diagnostic:
    facts = said["facts"]
    return Diagnostic(**{**said, "facts": Facts(**facts) if facts else None})


def failure_line(failure: Failure) -> bytes:
    return line(failure={"kind": type(failure).__name__, **asdict(failure.facts)})


def read_failure(said: Mapping[str, Any]) -> Failure:
    """The child's failure, of the same type, to be raised here."""
    kind = _FAULTS.get(said["kind"], Failure)
    failure = kind.__new__(kind)
    Failure.__init__(
        failure, said["happened"], safe=said["safe"], do=said["do"], details=said["details"]
    )
    return failure
