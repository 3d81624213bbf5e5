"""A copy of what runs, to go back to: from the very images that its containers run from, since
their names may mean others by then."""

import shutil
import time
from pathlib import Path

import yaml

from .containers import look
from .files import COMPOSE
from .order import UNITS, Order


def keep(order: Order) -> bool:
    """Keep a copy of what runs, if it runs well; whether it does.

    If not all of it does, a copy that is there stays: it is of a change that was killed half way.
    """
    folder, before, now = Path(order.folder), order.before, time.time()
    if not (folder / COMPOSE).exists():
        return False
    document = yaml.safe_load((folder / COMPOSE).read_text())
    services, seen = document["services"], look(order.project)
    well = [
        name
        for name in services
        if name in seen and seen[name].lasts(now, order.stays, order.again)
    ]
    if not well or (len(well) < len(services) and before.exists()):
        return False
    copy = Path(f"{before}.new")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    if (UNITS / order.unit).exists():
        shutil.copy2(UNITS / order.unit, copy / order.unit)
    for name in services.keys() & seen.keys():
        services[name]["image"] = seen[name].image
    (copy / COMPOSE).write_text(yaml.safe_dump(document, sort_keys=False))
    shutil.rmtree(before, ignore_errors=True)
    copy.rename(before)
    return True
