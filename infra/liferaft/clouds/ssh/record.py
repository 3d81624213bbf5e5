"""Whose a machine is: one small file on the machine itself, replaced as a whole.

Nobody else could tell: there is no API. It holds labels and no secret.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from liferaft.clouds.contract import SPEC, TOKEN, Owner, TakenByAnotherSpec, digest
from liferaft.clouds.ssh.errors import Said

ABSENT: Final = "none"
"""Stands for the digest of a record that is not there."""

_CHECKED = ConfigDict(extra="forbid")

Stage = Literal["claiming", "proving", "ready", "releasing"]
"""claiming: ours, being set up; proving: set up, not yet seen to let us in again; releasing: being
wiped, which goes on whatever happens in between."""


@dataclass(frozen=True)
class MachineHolding:
    """What somebody holds of a machine: its address, or the machine as a server."""

    __pydantic_config__ = _CHECKED
    name: str
    """As the owner calls it: `chirp-colo-app-1`."""
    labels: Mapping[str, str]
    stage: Stage = "ready"
    since: str = ""
    """UTC, ISO 8601."""

    @classmethod
    def of(cls, spec: Any, owner: Owner, stage: Stage = "ready") -> "MachineHolding":
        """A holding that begins now."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(owner.name(spec.name), owner.labels(spec), stage, now)

    @property
    def token(self) -> str:
        return self.labels.get(TOKEN, "")

    def check_made_from(self, spec: Any, what: str, machine: str) -> None:
        """Raise TakenByAnotherSpec unless it was made from this very spec."""
        if self.labels.get(SPEC) != digest(spec):
            raise TakenByAnotherSpec("ssh", f"{what} {self.name}", machine)

    def at(self, stage: Stage) -> "MachineHolding":
        return replace(self, stage=stage)


@dataclass(frozen=True)
class Record:
    """The whole file. Server and address are held apart, by different resources of one site."""

    __pydantic_config__ = _CHECKED
    server: MachineHolding | None = None
    address: MachineHolding | None = None
    seen: str = field(default=ABSENT, compare=False)
    """SHA-256 of the file as it was read: it is replaced only while it is still that."""

    @classmethod
    def parse(cls, machine: str, content: bytes) -> "Record":
        """Empty content: no record. Raises Said for a file that is not ours to understand."""
        if not content:
            return cls()
        try:
            found = TypeAdapter(cls).validate_json(content)
        except ValidationError:
            raise Said(
                "unreadable_record",
                f"the record on machine {machine} is not one of ours: it is left alone",
            ) from None
        return replace(found, seen=hashlib.sha256(content).hexdigest())

    def text(self) -> str:
        """What `parse` reads; empty when nobody holds anything."""
        if self.server is None and self.address is None:
            return ""
        kept = {name: held for name, held in asdict(self).items() if held and name != "seen"}
        return json.dumps(kept, sort_keys=True) + "\n"

    def held(self, kind: str) -> MachineHolding | None:
        return self.server if kind == "server" else self.address

    def holding(self, kind: str, held: MachineHolding | None) -> "Record":
        """The same record with another holding of that kind."""
        return replace(self, server=held) if kind == "server" else replace(self, address=held)


@dataclass(frozen=True)
class Ident:
    """`MACHINE/TOKEN`. A machine outlives what was made of it: only the token tells whether what
    stands there now is still the thing that was meant."""

    machine: str
    token: str

    @classmethod
    def parse(cls, text: str) -> "Ident":
        machine, _, token = text.partition("/")
        return cls(machine, token)

    def __str__(self) -> str:
        return f"{self.machine}/{self.token}"
