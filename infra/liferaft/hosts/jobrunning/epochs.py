"""Whether this server's site still reigns, asked of every vault before each run of a job."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_SECONDS = 60.0


class NotKnown(Exception):
    """No vault told who reigns."""


class AnotherEpoch(Exception):
    """Another epoch has begun, or none is known: nothing is run here any more."""


@dataclass(frozen=True)
class EpochVault:
    """argv: rclone with its flags and the file that has the keys. epochs: the folder of epochs as
    it lies in the vault."""

    name: str
    argv: tuple[str, ...]
    epochs: str

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "EpochVault":
        return cls(str(told["name"]), tuple(told["argv"]), str(told["epochs"]))

    def newest(self) -> int:
        """The highest epoch there; 0 for none. Raises NotKnown."""
        argv: Sequence[str] = (*self.argv, "lsf", self.epochs)
        try:
            ended = subprocess.run(
                argv, capture_output=True, text=True, timeout=_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise NotKnown(f"vault {self.name} gave no answer within {_SECONDS:.0f} s") from None
        except OSError as failure:
            raise NotKnown(f"rclone does not run: {failure}") from None
        if ended.returncode:
            said = ended.stderr.strip()[-400:]
            raise NotKnown(f"vault {self.name}: rclone ended with {ended.returncode}: {said}")
        return max((int(name) for name in ended.stdout.split() if name.isdigit()), default=0)


def require_epoch(epoch: int, vaults: Sequence[EpochVault]) -> None:
    """Return where this epoch is the newest in every vault that answers. Raises AnotherEpoch, and
    NotKnown where none does: a job that is left out is told, one that runs at two sites is not."""
    silent: list[str] = []
    for one in vaults:
        try:
            newest = one.newest()
        except NotKnown as reason:
            silent.append(str(reason))
            continue
        if newest != epoch:
            found = f"epoch {newest}" if newest else "no epoch"
            raise AnotherEpoch(f"vault {one.name} has {found}, and this server is of epoch {epoch}")
    if len(silent) == len(vaults):
        raise NotKnown("; ".join(silent) or "there is no vault to ask")
