"""What is wrong with a Compose file, or with a file that it names: every finding at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from liferaft.config.problems import MOST_SHOWN, Problem
from liferaft.failures import BadInput


@dataclass(frozen=True, order=True)
class ComposeFinding:
    """One thing that does not run as it is written: where, what, why, and what to write instead."""

    file: Path
    problem: Problem

    def __str__(self) -> str:
        return f"{self.file.name} {self.problem}"


class ComposeInvalid(BadInput):
    """The Compose file was not accepted. `findings` are all, in order of files and lines."""

    def __init__(self, path: Path, findings: Iterable[ComposeFinding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        count = len(self.findings)
        rows = "".join(f"\n  {finding}" for finding in self.findings[:MOST_SHOWN])
        if count > MOST_SHOWN:
            rows += f"\n  … and {count - MOST_SHOWN} more"
        names = ", ".join(dict.fromkeys(finding.file.name for finding in self.findings))
        super().__init__(
            f"{path} has {count} problem{'s' if count != 1 else ''}:{rows}",
            safe="Nothing was done.",
            do=f"Correct {names}, then run the same command again.",
        )

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Without their files."""
        return tuple(finding.problem for finding in self.findings)
