"""Commands that other packages plug in, by the entry-point group `liferaft.commands`.

Nothing of such a package is imported before its command is called, and nothing looks for one before
that: `importlib.metadata` takes as long to import as Click.
"""

import re
from collections.abc import Iterable
from importlib import metadata

import click

from liferaft.failures import Refused

GROUP = "liferaft.commands"


def find(name: str) -> click.Command | None:
    """The command that an installed package plugs in under that name.

    Raises Refused where something is missing that the package needs.
    """
    for found in metadata.entry_points(group=GROUP, name=name):
        missing = _missing(found.dist.requires or ()) if found.dist else []
        if missing:
            raise Refused(
                f"`liferaft {name}` needs what is not installed here: {', '.join(missing)}.",
                safe="Nothing was done.",
                do="Install the package that it comes with again, with all that it needs.",
            )
        command: click.Command = found.load()
        return command
    return None


def require_command(name: str, folder: str) -> click.Command:
    """The command that the package in that folder of liferaft's repository plugs in.

    Raises Refused where the package is not installed, or something that it needs.
    """
    command = find(name)
    if command is None:
        raise Refused(
            f"`liferaft {name}` comes with a package of its own, which is not installed here.",
            safe="Nothing was done.",
            do=f"In liferaft's repository: `make setup`, or pip install ./{folder}.",
        )
    return command


def _missing(requirements: Iterable[str]) -> list[str]:
    lacking = []
    for requirement in requirements:
        wanted = re.match(r"[\w.-]+", requirement)
        if wanted is None or "extra ==" in requirement:
            continue
        try:
            metadata.distribution(wanted[0])
        except metadata.PackageNotFoundError:
            lacking.append(wanted[0])
    return lacking
