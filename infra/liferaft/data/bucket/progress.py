"""How far a copy of a bucket is that runs behind on a server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_NOT_RESTORED: Final = ("refused", "damaged", "otherwise")


@dataclass(frozen=True)
class CopyProgress:
    """How far a copy is that runs behind; `is_finished` and `failed` are about its process."""

    objects: int
    size: int
    """Bytes copied so far, as they lie in the vault."""
    total_objects: int
    total_size: int
    running: bool
    failed: bool
    not_restored: Mapping[str, str]
    """What could not be brought back so far, and why: by key, or by name in the vault."""
    not_restored_count: int
    there: int
    """What the app wrote in between: it stayed."""
    silent: Mapping[str, str]
    """Vaults that did not answer, and why."""
    mended: Mapping[str, str]
    """By name in the vault, what was wrong with a vault's copy, so that another was asked."""
    mended_count: int
    seconds: float = 0.0
    """Since this try at the copy began."""
    named_left: int = 0
    """What rows name and the site does not have yet: the application answers 404 for it."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """What rows name and the site does not have at the end, and why, by key."""
    missing_count: int = 0
    later: Mapping[str, str] = field(default_factory=dict)
    """What rows name and came back as of later than asked for, by key."""
    later_count: int = 0
    rows_unread: str = ""
    """Why rows could not be asked; nothing where they could, or where there are no queries."""

    @property
    def seconds_left(self) -> float | None:
        """As long as objects or bytes take at the speed so far, whichever takes longer; None where
        nothing came yet. Pure."""
        done = [(self.objects + self.there, self.total_objects), (self.size, self.total_size)]
        rates = [(whole - part) / part for part, whole in done if part]
        return max(0.0, *rates) * self.seconds if rates else None

    @property
    def sentence(self) -> str:
        """For a person who waits."""
        said = (
            f"{self.objects + self.there} of {self.total_objects} objects, {self.size / 1e6:.1f} of"
            f" {self.total_size / 1e6:.1f} MB"
        )
        if self.named_left:
            said += f"; {self.named_left} that rows name are not there yet"
        left = self.seconds_left
        return said if left is None else f"{said}; about {left:.0f} s are left"

    @property
    def is_finished(self) -> bool:
        return not self.running and not self.failed


def progress_of(said: str, *, unit: str) -> CopyProgress:
    """Read how far a copy is from what the program wrote down and from what `systemctl show` says
    of ActiveState and Result. Pure."""
    state = dict(line.split("=", 1) for line in unit.splitlines() if "=" in line)
    active = state.get("ActiveState", "inactive")
    running = active in {"active", "activating"}
    ended_badly = active == "failed" or state.get("Result", "success") != "success"
    came: Mapping[str, Any] = json.loads(said) if said else {}
    return CopyProgress(
        objects=came.get("objects", 0),
        size=came.get("size", 0),
        total_objects=came.get("total_objects", 0),
        total_size=came.get("total_size", 0),
        running=running,
        # Between two attempts the result is the last attempt's, and the unit goes on.
        failed=ended_badly and not running,
        not_restored={key: why for of in _NOT_RESTORED for key, why in came.get(of, {}).items()},
        not_restored_count=sum(came.get(f"{of}_count", 0) for of in _NOT_RESTORED),
        there=came.get("there", 0),
        silent=came.get("silent", {}),
        mended=came.get("mended", {}),
        mended_count=came.get("mended_count", 0),
        seconds=came.get("seconds", 0.0),
        named_left=came.get("named_left", 0),
        missing=came.get("missing", {}),
        missing_count=came.get("missing_count", 0),
        later=came.get("later", {}),
        later_count=came.get("later_count", 0),
        rows_unread=came.get("rows_unread", ""),
    )
