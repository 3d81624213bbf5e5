"""Drills on schedule, as a workflow of GitHub Actions in the repository of the configuration. Pure.

It holds names of secrets, and none of them. Values get to the shell by the environment alone: what
stands in a workflow's expression becomes a part of its script.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import yaml

from liferaft.failures import BadInput
from liferaft.moves.drill_schedule import MARGIN, DrillSchedule

CHECKOUT: Final = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683"
"""A tag can be moved, a commit cannot."""
_RELEASE: Final = "v4.2.2"
_LONGEST: Final = timedelta(hours=6)
"""Of a job on a machine of GitHub's:
https://docs.github.com/en/actions/reference/limits#existing-system-limits"""
_BIN: Final = '"$RUNNER_TEMP"/liferaft/bin'


class _Readable(yaml.SafeDumper):
    """A script of several lines stands there as one would write it."""


def _scalar(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if text.endswith("\n") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Readable.add_representer(str, _scalar)


@dataclass(frozen=True)
class DrillWorkflow:
    """config: the configuration's file, relative to the repository. packages: what pip installs,
    each with its version. files: those of the variables that name a file: the secret is what stands
    in it."""

    of: DrillSchedule
    config: str
    packages: Sequence[str]
    files_named: Sequence[str] = ()

    def files(self) -> Mapping[str, str]:
        """The workflow. Raises BadInput for one that GitHub would end, or misread."""
        self._require_fit()
        head = f"# A {self.of.about}, by `liferaft drill schedule`. Secrets of the repository:\n"
        names = "".join(
            f"# {name}{': what stands in the file' if name in self.files_named else ''}\n"
            for name in self.of.variables
        )
        body = yaml.dump(self._workflow(), Dumper=_Readable, sort_keys=False, width=1000)
        body = body.replace(CHECKOUT, f"{CHECKOUT}  # {_RELEASE}")
        return {f"{self.of.name}.yml": f"{head}{names}{body}"}

    @property
    def then(self) -> str:
        """What is to be done with it."""
        return (
            "commit it in .github/workflows of the repository's default branch, and set each of "
            "these secrets there:\n  gh secret set NAME"
        )

    def _require_fit(self) -> None:
        if self.of.longest + MARGIN > _LONGEST:
            raise BadInput(
                f"GitHub ends a job after {_LONGEST.total_seconds() / 3600:.0f} h, and this drill "
                f"may take {self.of.deadline.total_seconds() / 3600:.1f} h and its deletion",
                safe="Nothing was written.",
                do="Set `deadline` of [drill] to 5h or less, or take a timer: --as systemd.",
            )
        if "${{" in self.config or not self.config.isprintable():
            raise BadInput(
                f"{self.config!r} cannot stand in a workflow",
                safe="Nothing was written.",
                do="Call the configuration's folder otherwise.",
            )

    def _workflow(self) -> dict[str, Any]:
        return {
            "name": f"{self.of.about} (liferaft)",
            "on": {"schedule": [{"cron": self.of.cron}], "workflow_dispatch": None},
            "permissions": {},
            "concurrency": {"group": self.of.whole.name, "cancel-in-progress": False},
            "jobs": {
                "drill": {
                    "name": "Drill",
                    "runs-on": "ubuntu-24.04",
                    "permissions": {"contents": "read"},
                    "timeout-minutes": _minutes(self.of.longest + MARGIN),
                    "steps": [*self._preparation(), self._drill(), self._cleaning()],
                }
            },
        }

    def _preparation(self) -> list[dict[str, Any]]:
        packages = shlex.join(self.packages)
        steps: list[dict[str, Any]] = [
            {
                "name": "Fetch the configuration",
                "uses": CHECKOUT,
                "with": {"persist-credentials": False},
            },
            {
                "name": "Install liferaft",
                "run": 'python3 -m venv "$RUNNER_TEMP"/liferaft\n'
                f"{_BIN}/pip install --quiet {packages}\n",
            },
        ]
        if self.files_named:
            lines = "".join(
                f'printf \'%s\\n\' "${name}" >"$RUNNER_TEMP/{name}"\n' for name in self.files_named
            )
            steps.append(
                {
                    "name": "Write the files that variables name",
                    "env": {name: _secret(name) for name in self.files_named},
                    "run": f"umask 077\n{lines}",
                }
            )
        return steps

    def _drill(self) -> dict[str, Any]:
        return {
            "name": f"Play the drill of {self.of.site}",
            "timeout-minutes": _minutes(self.of.longest),
            "env": self._environment(),
            "run": f"{_BIN}/liferaft {shlex.join(self.of.arguments(self.config))}",
        }

    def _cleaning(self) -> dict[str, Any]:
        """A job that is cancelled has ten seconds, and what it made costs on."""
        words = ("drill", "run", "--clean", "--yes", "--config", self.config)
        return {
            "name": "Delete what a drill has left that was cancelled",
            "if": "failure() || cancelled()",
            "env": self._environment(),
            "run": f"{_BIN}/liferaft {shlex.join(words)}",
        }

    def _environment(self) -> dict[str, str]:
        return {
            name: f"${{{{ runner.temp }}}}/{name}" if name in self.files_named else _secret(name)
            for name in self.of.variables
        }


def _secret(name: str) -> str:
    return f"${{{{ secrets.{name} }}}}"


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() / 60)
