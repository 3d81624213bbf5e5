"""What ends the whole at once: nobody waits for it any more, or somebody else needs the server."""

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from .order import ScratchAnswer, ScratchOrder

_EVERY = 2.0


def start_watching(order: ScratchOrder) -> None:
    """From now on, beside the work. What still runs is ended with this program: it is alone in a
    unit of systemd, which deletes the folder too."""
    threading.Thread(target=_watch, args=(order,), daemon=True).start()


def _watch(order: ScratchOrder) -> None:
    parent = Path(order.folder).parent
    while True:
        time.sleep(_EVERY)
        runs = next((unit for unit in order.gives_way_to if _is_active(unit)), None)
        if runs is not None:
            _end(ScratchAnswer(fault="gave way", said=f"{runs} runs"))
        free = shutil.disk_usage(parent).free
        if free < order.floor:
            _end(ScratchAnswer(fault="space", said=f"{free} bytes are left"))
        _say("\n")  # an empty line; a connection that is gone is noticed by it


def _is_active(unit: str) -> bool:
    asked = ["systemctl", "--quiet", "is-active", unit]
    if subprocess.run(asked, check=False).returncode == 0:
        return True
    shown = subprocess.run(
        ["systemctl", "show", "-P", "ActiveState", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    return shown.stdout.strip() == "activating"


def _end(answer: ScratchAnswer) -> None:
    _say(f"{answer.to_json()}\n")
    os._exit(0)


def _say(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError:
        os._exit(1)
