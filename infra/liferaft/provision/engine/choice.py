"""Which engine works: the Pulumi CLI where there is one that we know, else the embedded one."""

from collections.abc import Mapping
from typing import Literal

from liferaft.failures import BadInput
from liferaft.provision.engine.cli.executable import NEWEST_MAJOR, OLDEST, executable
from liferaft.provision.engine.contract import Engine
from liferaft.provision.engine.embedded.engine import EmbeddedEngine

Wish = Literal["auto", "pulumi", "embedded"]


def choose(wish: Wish, surroundings: Mapping[str, str]) -> Engine:
    """The engine for a wish. Raises BadInput for `pulumi` where no CLI is that we can drive.

    `auto` falls back to the embedded engine in silence: an emergency must not depend on a CLI.
    """
    if wish == "embedded":
        return EmbeddedEngine(surroundings)
    found = executable(surroundings)
    if found is not None and found.is_supported:
        from liferaft.provision.engine.cli.engine import CliEngine

        return CliEngine(found, surroundings)
    if wish == "auto":
        return EmbeddedEngine(surroundings)
    known = f"from {'.'.join(map(str, OLDEST))} to {NEWEST_MAJOR}.x"
    reason = (
        "there is no executable `pulumi` on PATH"
        if found is None
        else f"{found.path} is {found.told}"
    )
    raise BadInput(
        f'app.engine is "pulumi", but {reason}; it takes a version {known}',
        safe="Nothing was done.",
        do='Install the Pulumi CLI, or set app.engine to "auto" or "embedded".',
    )
