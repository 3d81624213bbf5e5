"""Where the command keeps what is its own on this machine."""

import os
from pathlib import Path


def state() -> Path:
    """Journals and tracebacks: `liferaft` below XDG_STATE_HOME, usually ~/.local/state.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    home = os.environ.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local/state") / "liferaft"
