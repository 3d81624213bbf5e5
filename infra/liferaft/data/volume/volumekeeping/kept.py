"""Which snapshots of a volume are whole, as it is noted in a vault beside restic's repository.

restic takes a snapshot as well of what it could not read all of, and a server may delete none. So a
note is written for each that is whole; the others are never brought back. Its name is the moment as
of which it has everything, and restic's own name: a listing tells all, and nothing has to be read.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .ended import VolumeNotKept, end_of
from .task import VolumeVault

_SECONDS = 120.0
_NOT_THERE = (3, 4)
"""How rclone ends where there is no such folder: https://rclone.org/docs/#exit-code"""
_NAME = re.compile(r"(\d{8}T\d{6}\.\d{3}Z)-([0-9a-f]{64})")
_FORM = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, order=True)
class KeptVolume:
    """One whole snapshot. folder: of the reign that it is of, in the vault; moment: everything that
    was written before is in it."""

    folder: str
    moment: datetime
    snapshot: str

    @property
    def key(self) -> str:
        """Where its note is, below the vault's root."""
        return f"{self.folder}/kept/{written(self.moment)}-{self.snapshot}"


def written(moment: datetime) -> str:
    """As names have it: they sort as they follow each other. To the millisecond below."""
    moment = moment.astimezone(UTC)
    return f"{moment:{_FORM}}.{moment.microsecond // 1000:03}Z"


def moment_of(text: str) -> datetime:
    """Raises ValueError for what `written` did not write."""
    whole, _, thousandths = text.removesuffix("Z").partition(".")
    moment = datetime.strptime(whole, _FORM).replace(tzinfo=UTC)
    return moment.replace(microsecond=int(thousandths) * 1000)


@dataclass(frozen=True)
class NotesOfVolume:
    """The notes of one vault."""

    vault: VolumeVault

    def all_of(self, folder: str) -> tuple[KeptVolume, ...]:
        """The oldest first; none where nothing was kept. Raises VolumeNotKept."""
        argv = (*self.vault.rclone, "lsf", f"{self.vault.remote}{folder}/kept/")
        ended = end_of(argv, seconds=_SECONDS)
        if ended.code in _NOT_THERE:
            return ()
        if ended.code:
            raise self._failed(ended.last_words)
        names = (_NAME.fullmatch(line) for line in ended.output.decode().splitlines())
        found = (KeptVolume(folder, moment_of(name[1]), name[2]) for name in names if name)
        return tuple(sorted(found))

    def put(self, one: KeptVolume, facts: Mapping[str, Any]) -> None:
        """The note is there on return. Raises VolumeNotKept."""
        argv = (*self.vault.rclone, "rcat", f"{self.vault.remote}{one.key}")
        ended = end_of(argv, seconds=_SECONDS, body=json.dumps(dict(facts)).encode())
        if ended.code:
            raise self._failed(ended.last_words)

    def until(self, one: KeptVolume) -> str:
        """As of when the vault has everything, as its note says: later than the moment of the
        snapshot where nothing changed since. The moment, where that cannot be read."""
        argv = (*self.vault.rclone, "cat", f"{self.vault.remote}{one.key}")
        with suppress(VolumeNotKept, ValueError, KeyError, TypeError):
            told = json.loads(end_of(argv, seconds=_SECONDS).output)
            return max(datetime.fromisoformat(told["until"]), one.moment).isoformat()
        return one.moment.isoformat()

    def full_name(self, folder: str, short: str) -> str:
        """Of a snapshot: restic 0.14 tells the beginning of it. Raises VolumeNotKept."""
        if len(short) == 64:  # noqa: PLR2004 - SHA-256 in hexadecimal
            return short
        there = f"{self.vault.remote}{folder}/repository/snapshots/"
        ended = end_of((*self.vault.rclone, "lsf", f"--include={short}*", there), seconds=_SECONDS)
        names = ended.output.decode().split()
        if ended.code or len(names) != 1:
            raise self._failed(f"snapshot {short} is not to be found: {ended.last_words}")
        return names[0]

    def _failed(self, said: str) -> VolumeNotKept:
        return VolumeNotKept(f"vault {self.vault.name} has no note of it: {said}")
