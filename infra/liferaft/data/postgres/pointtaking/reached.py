"""One vault, as pgBackRest on this server reaches it: its archive, and by `--raw` what lies beside.

`repo-put` is one of pgBackRest's own commands for its tests and for support, and none that its
manual shows: https://github.com/pgbackrest/pgbackrest/blob/main/src/build/config/config.yaml
"""

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .manifest import NAME, NotTaken

AS_POSTGRES: Final = ("runuser", "-u", "postgres", "--")
BACKUP_UNIT: Final = "liferaft-postgres-backup.service"
"""The unit of every base backup: there is one at a time, and an operator's takes its place."""
_QUICK: Final = 90.0


class NoAnswer(NotTaken):
    """A vault did not answer, or refused."""


@dataclass(frozen=True)
class ReachedVault:
    """`config` is the archiver's own for one vault and epoch."""

    vault: str
    config: Path
    epoch: str

    @property
    def _base(self) -> str:
        """The folder of the app in the vault's bucket, as pgBackRest names it."""
        found = re.search(
            r"^repo1-path=(.*)/epoch-\d+/pgbackrest$", self.config.read_text(), re.MULTILINE
        )
        if found is None:
            raise NotTaken(f"{self.config} names no archive of an epoch")
        return found[1] or "/"

    def names(self, folder: str) -> tuple[str, ...]:
        """What lies in a folder of the app, sorted."""
        found = json.loads(self._beside("repo-ls", "--output=json", folder) or "{}")
        return tuple(sorted(name for name in found if name != "."))

    def get(self, key: str) -> bytes:
        return self._beside("repo-get", key)

    def put(self, key: str, body: bytes) -> None:
        """There is this body on return: it was read back."""
        self._beside("repo-put", key, body=body)
        if self.get(key) != body:
            raise NoAnswer(f"vault {self.vault} took {key} and does not give it back")

    def remove(self, key: str) -> None:
        """It is not there on return."""
        self._beside("repo-rm", key)

    def points(self) -> tuple[str, ...]:
        """Names of this epoch's recovery points, the oldest first."""
        found = (name.removesuffix(".json") for name in self.names(f"epoch-{self.epoch}/points"))
        return tuple(name for name in found if NAME.fullmatch(name))

    def require_epoch(self) -> None:
        """Raise NotTaken where another epoch has begun: this server reigns no more."""
        newest = max((name for name in self.names("epoch") if name.isdigit()), default="")
        if newest != self.epoch:
            raise NotTaken(f"epoch {newest or 'none'} reigns, and this server is of {self.epoch}")

    def information(self) -> Mapping[str, Any]:
        """pgBackRest's account of the archive."""
        said = _run([*AS_POSTGRES, *self._argv("--output=json", "info")], _QUICK, self.vault)
        stanzas: list[dict[str, Any]] = json.loads(said.decode(errors="replace"), strict=False)
        if not stanzas or stanzas[0]["status"]["code"] not in (0, 2):
            raise NoAnswer(f"vault {self.vault} does not show its backups")
        return stanzas[0]

    def back_up(self, kind: str, marker: str, seconds: float) -> Mapping[str, Any]:
        """A backup of this kind, by its marker."""
        unit = ("systemd-run", "--wait", "--pipe", "--collect", "--quiet", f"--unit={BACKUP_UNIT}")
        argv = self._argv(f"--type={kind}", f"--annotation=marker={marker}", "backup")
        _run([*unit, "--uid=postgres", "--gid=postgres", "--", *argv], seconds, self.vault)
        stanza = self.information()
        for backup in reversed(stanza["backup"]):
            if backup.get("annotation", {}).get("marker") == marker and not backup.get("error"):
                return {**backup, "system_id": str(stanza["db"][-1]["system-id"])}
        raise NoAnswer(f"vault {self.vault} does not list the backup that it took")

    def _beside(self, *words: str, body: bytes = b"") -> bytes:
        argv = self._argv(f"--repo1-path={self._base}", *self._raw(words[0]), *words, stanza=False)
        return _run([*AS_POSTGRES, *argv], _QUICK, self.vault, body)

    def _raw(self, command: str) -> Sequence[str]:
        return ("--raw",) if command in ("repo-get", "repo-put") else ()

    def _argv(self, *words: str, stanza: bool = True) -> list[str]:
        named = ["--stanza=main"] if stanza else []
        return ["pgbackrest", f"--config={self.config}", *named, *words]


def _run(argv: Sequence[str], seconds: float, vault: str, body: bytes = b"") -> bytes:
    try:
        ended = subprocess.run(argv, input=body, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise NoAnswer(f"vault {vault} gave no answer within {seconds:.0f} s") from None
    if ended.returncode:
        said = ended.stderr.decode(errors="replace").strip()[-400:]
        raise NoAnswer(f"vault {vault}: pgbackrest ended with {ended.returncode}: {said}")
    return ended.stdout
