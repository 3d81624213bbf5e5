"""The vaults' objects in an operator's hands: found, damaged, taken away, and put back."""

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.vault_kinds import KINDS, Kind

SCRIPT: Final = Path(__file__).parent / "vault_bytes.py"
PREFIX: Final = "chirp/"
SECONDS: Final = 900.0
KIND: Final = {kind.name: kind for kind in KINDS}
POINT: Final = KIND["manifest of a recovery point"]
SEGMENT: Final = KIND["segment of WAL"]


@dataclass(frozen=True)
class VaultObjects:
    """Keys are below the application's prefix. enter: the argv of a command where the operator is.
    folder: the application's. bucket: the first vault's. draw: which byte is flipped."""

    enter: Callable[..., Sequence[str]]
    folder: Path
    bucket: str
    draw: random.Random = field(default_factory=random.Random)

    def keys(self, *, everywhere: bool = False) -> list[str]:
        """Of the first vault, or of all of them."""
        told = self._ask("list", *(["every"] if everywhere else []))
        return [key.removeprefix(PREFIX) for key in json.loads(told)]

    def show(self, key: str) -> str:
        """What the first vault holds there, without the line that says its digest."""
        return self._ask("show", PREFIX + key).partition("\n")[2]

    def flip(self, key: str) -> None:
        """One byte is another one in every vault."""
        self._ask("flip", PREFIX + key, str(self.draw.random()))

    def put_back(self, key: str) -> None:
        """As it was before it was first touched here."""
        self._ask("back", PREFIX + key)

    @contextmanager
    def flipped(self, *keys: str) -> Iterator[None]:
        """One byte of each is another one while the block runs."""
        with self._changed(keys, self.flip):
            yield

    @contextmanager
    def gone(self, *keys: str) -> Iterator[None]:
        """No vault has them while the block runs."""
        with self._changed(keys, lambda key: self._ask("delete", PREFIX + key)):
            yield

    @contextmanager
    def replaced(self, key: str, by: bytes) -> Iterator[None]:
        """Every vault has something else there while the block runs."""
        file = self.folder / "instead"
        file.write_bytes(by)
        with self._changed([key], lambda key: self._ask("replace", PREFIX + key, str(file))):
            yield

    def needed_segment(self) -> str:
        """The first that the newest backup needs: without it a copy does not even start."""
        keys = self.keys()
        point: Any = json.loads(self.show(max(key for key in keys if POINT.has(key))))
        (database,) = (part for part in point["parts"] if part["kind"] == "postgres")
        name = f"/{database['facts']['archive_start']}-"
        return next(key for key in keys if SEGMENT.has(key) and name in key)

    def of_kind(self, kind: Kind) -> list[str]:
        """All of one kind, in whichever vault, sorted."""
        return sorted(key for key in self.keys(everywhere=True) if kind.has(key))

    @contextmanager
    def _changed(self, keys: Sequence[str], change: Callable[[str], object]) -> Iterator[None]:
        try:
            for key in keys:
                change(key)
            yield
        finally:
            for key in keys:
                self.put_back(key)

    def _ask(self, *words: str) -> str:
        """What the script prints."""
        ran = subprocess.run(
            self.enter(sys.executable, str(SCRIPT), self.bucket, *words),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            timeout=SECONDS,
        )
        if ran.returncode:
            raise RuntimeError(f"{' '.join(words)}: {ran.stderr}")
        return ran.stdout
