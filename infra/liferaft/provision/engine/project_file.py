"""Pulumi.yaml: a program's own file, read by whoever plans or runs it."""

import re
from pathlib import Path
from typing import Any, Final

import yaml

from liferaft import texts
from liferaft.config.shallow import ShallowLoader
from liferaft.provision.engine.faults import BadProgram

NAME: Final = "Pulumi.yaml"
_PROJECT: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")
"""Pulumi's own rule; the name is a part of every resource's."""


def read_project(folder: Path) -> dict[str, Any]:
    """What the file in a program's folder says. Raises BadProgram."""
    path = folder / NAME
    try:
        found = yaml.load(texts.read_text(path), Loader=ShallowLoader)  # noqa: S506  # a safe one
    except texts.Unreadable as error:
        if isinstance(error.__cause__, FileNotFoundError):
            raise _unfit(path, "there is no such file") from error
        raise _unfit(path, str(error)) from error
    except yaml.YAMLError as error:
        raise _unfit(path, f"it is not YAML: {' '.join(str(error).split())[:300]}") from error
    except RecursionError as error:
        raise _unfit(path, "it is nested too deeply") from error
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        raise _unfit(path, "a value in it does not fit its tag") from error
    if not isinstance(found, dict):
        raise _unfit(path, "it describes no project")
    name = found.get("name")
    if not isinstance(name, str) or not _PROJECT.fullmatch(name):
        reason = "its name is none" if "name" in found else "it gives no name"
        raise _unfit(path, f"{reason} (letters, digits, dots, hyphens, underscores, at most 100)")
    return found


def project_name(folder: Path) -> str:
    """The name of the program in a folder. Raises BadProgram."""
    return str(read_project(folder)["name"])


def _unfit(path: Path, reason: str) -> BadProgram:
    return BadProgram(
        f"{path} is not a Pulumi project: {reason}",
        safe="Nothing was done.",
        do="Give app.project the folder of a Pulumi program, with a name in Pulumi.yaml.",
    )
