"""One vault, as rclone on this server reaches it: what is sealed there, and what lies beside."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SECONDS = 300.0


class NotKept(Exception):
    """Certificates are not in a vault, for a reason that a person has to know."""


@dataclass(frozen=True)
class VaultByRclone:
    """argv: rclone with its flags and the file that has the keys. sealed: the folder of the
    certificates through the seal; area: its key below the app's folder; beside: that folder as it
    lies in the vault."""

    name: str
    argv: tuple[str, ...]
    sealed: str
    area: str
    beside: str

    @classmethod
    def of(cls, told: Mapping[str, object]) -> "VaultByRclone":
        argv = told["argv"]
        assert isinstance(argv, list)
        rest = (str(told[name]) for name in ("sealed", "area", "beside"))
        return cls(str(told["name"]), tuple(map(str, argv)), *rest)

    def keep(self, folder: str) -> Mapping[str, object]:
        """What the vault has once all of the folder is in it, as a part of a recovery point says
        it: each file anew, so that what is damaged there is replaced."""
        self._run("copy", "--ignore-times", "--exclude=/locks/**", folder, self.sealed)
        size = json.loads(self._run("size", "--json", self.sealed))
        return {"size": size["bytes"], "facts": {"count": size["count"], "stored": self._sums()}}

    def _sums(self) -> Mapping[str, str]:
        """Key → SHA-256 of the objects as they lie there: whoever has no seal compares them."""
        said = self._run("hashsum", "sha256", "--download", f"{self.beside}{self.area}")
        rows = (line.partition("  ") for line in said.decode().splitlines())
        return {f"{self.area}/{name.strip()}": digest for digest, _, name in rows if name}

    def newest_epoch(self) -> str:
        """The epoch that reigns, by this vault."""
        said = self._run("lsf", f"{self.beside}epoch").decode()
        return max((name for name in said.splitlines() if name.isdigit()), default="")

    def put(self, key: str, body: bytes) -> None:
        """There is this body on return: it was read back."""
        self._run("rcat", f"{self.beside}{key}", body=body)
        if self._run("cat", f"{self.beside}{key}") != body:
            raise NotKept(f"vault {self.name} took {key} and does not give it back")

    def _run(self, *words: str, body: bytes = b"") -> bytes:
        argv: Sequence[str] = (*self.argv, *words)
        try:
            ended = subprocess.run(
                argv, input=body, capture_output=True, timeout=_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise NotKept(f"vault {self.name} gave no answer within {_SECONDS:.0f} s") from None
        except OSError as failure:
            raise NotKept(f"rclone does not run: {failure}") from None
        if ended.returncode:
            said = ended.stderr.decode(errors="replace").strip()[-400:]
            raise NotKept(f"vault {self.name}: rclone ended with {ended.returncode}: {said}")
        return ended.stdout
