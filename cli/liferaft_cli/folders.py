"""Where the command keeps what is its own on this machine."""

import os
from pathlib import Path


def state() -> Path:
    """Journals and tracebacks: `liferaft` below XDG_STATE_HOME, usually ~/.local/state.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    home = os.environ.get("XDG_STATE_HOME")
    try:
        return (Path(home) if home else Path.home() / ".local/state") / "liferaft"
    except RuntimeError:  # nobody's home: a number that no name is known of, as in a container
        return Path("/var/tmp") / f"liferaft-{os.getuid()}"  # noqa: S108  # made for us alone
