"""What the program is told, and what it answers."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self


class NotProven(Exception):
    """It ends here. `what` is one of the words that `ScratchAnswer.fault` has."""

    def __init__(self, what: str, said: str, code: int = 0) -> None:
        super().__init__(said)
        self.what, self.code = what, code


@dataclass(frozen=True)
class ScratchOrder:
    """One backup, where it is restored, and what is asked of the copy."""

    folder: str
    """Everything lies below; what was there before is deleted first."""
    binaries: str
    config: str
    """pgBackRest's, with one repository."""
    stanza: str
    label: str
    timeline: int
    lsn: str | None
    """How far is replayed: just before this; None: until the backup is consistent."""
    database: str
    questions: str = field(repr=False)
    """For psql, answering a line of JSON for each table."""
    need: int
    """Bytes that have to be free before anything is written."""
    floor: int
    """Bytes that stay free, whatever it costs the copy: the living cluster's."""
    keep: bool = False
    """Whether the copy stays when all is done, stopped."""

    @classmethod
    def read(cls, text: str) -> Self:
        return cls(**json.loads(text))

    @property
    def data(self) -> Path:
        return Path(self.folder) / "data"

    @property
    def socket(self) -> Path:
        return Path(self.folder) / "run"

    @property
    def log(self) -> Path:
        return Path(self.folder) / "log"


@dataclass
class ScratchAnswer:
    """What came of it.

    fault: `space`, `program`, `killed`, `restore`, `replay`, `structure`, `pages`, `questions`;
    said and code: of the program that found it. seconds: how long each piece took.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    tables: list[Mapping[str, Any]] = field(default_factory=list)
    lsn: str = ""
    system_id: str = ""
    fault: str = ""
    said: str = ""
    code: int = 0

    def to_json(self) -> str:
        return json.dumps(asdict(self))
