"""`liferaft-bucket ACT FILE`: what to do, one of `ACTS`, and a Task's file."""

import json
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .keeper import keep
from .restore import compare, restore
from .sampling import sample
from .snapshot import snapshot
from .store import StoreRefused, Unreached
from .task import Task
from .to_site import NotCreateOnly
from .trying import try_object
from .unpack import unpack
from .verify import verify, verify_all

FAILED = 1
NOT_CREATE_ONLY = 3
"""Trying again is of no use."""

ACTS: Mapping[str, Callable[[Task], Mapping[str, Any] | None]] = {
    "snapshot": snapshot,
    "keep": keep,
    "restore": restore,
    "sample": sample,
    "compare": compare,
    "try": try_object,
    "unpack": unpack,
    "verify": verify,
    "verify-all": verify_all,
}


def main(argv: Sequence[str]) -> int:
    act, path = argv
    try:
        answer = ACTS[act](Task.read(Path(path)))
    except NotCreateOnly as failure:
        sys.stderr.write(f"the site's store does not keep what is there: {failure}\n")
        return NOT_CREATE_ONLY
    except sqlite3.Error as failure:
        sys.stderr.write(f"what this host has written down of the vault: {failure}\n")
        return FAILED
    except (StoreRefused, Unreached) as failure:
        sys.stderr.write(f"{failure}\n")
        return FAILED
    if answer is not None:
        sys.stdout.write(json.dumps(answer))
    return 0
