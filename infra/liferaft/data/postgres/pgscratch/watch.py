"""The disk while the copy is made: the cluster that lives there needs it more."""

import os
import shutil
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
    while (free := shutil.disk_usage(parent).free) >= order.floor:
        time.sleep(_EVERY)
    answer = ScratchAnswer(fault="space", said=f"{free} bytes are left")
    sys.stdout.write(f"{answer.to_json()}\n")
    sys.stdout.flush()
    os._exit(0)
