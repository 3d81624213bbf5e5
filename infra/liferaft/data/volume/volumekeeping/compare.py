"""Whether a folder is what a snapshot says of it: file by file, by another way than it came."""

import os
import stat
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from .look import walk

_SPECIAL = ((1 << 23, stat.S_ISUID), (1 << 22, stat.S_ISGID), (1 << 20, stat.S_ISVTX))
"""Go's bits beside the nine that are the same: https://pkg.go.dev/io/fs#FileMode"""
_UNREADABLE = "\ufffd"
"""Of a name that is no UTF-8 JSON has this; such files are counted, and not looked at singly."""
_SORTS = {
    "file": stat.S_ISREG,
    "dir": stat.S_ISDIR,
    "symlink": stat.S_ISLNK,
    "fifo": stat.S_ISFIFO,
    "dev": stat.S_ISBLK,
    "chardev": stat.S_ISCHR,
}
"""As restic calls them; sockets are made anew by who listens, and not restored."""


def differences(folder: Path, nodes: Iterable[Mapping[str, Any]]) -> list[str]:
    """What is otherwise there than the snapshot of this folder says, in words; nothing where it is
    the same."""
    told = {str(node["path"]): node for node in nodes if node["type"] in _SORTS}
    top = f"/{folder.name}"
    found = {top if path == "." else f"{top}/{path}": seen for path, seen in walk(folder)}
    there = {_shown(path): seen for path, seen in found.items() if not stat.S_ISSOCK(seen.st_mode)}
    wrong = [f"{path} is not there" for path in told if path not in there]
    wrong += [f"{path} is no part of it" for path in there if path not in told]
    if Counter(_UNREADABLE in path for path in told) != Counter(
        _UNREADABLE in _shown(path) for path in found if not stat.S_ISSOCK(found[path].st_mode)
    ):
        wrong.append("there are more or fewer files with names that are no UTF-8")
    for path, node in told.items():
        if path in there and _UNREADABLE not in path:
            wrong += [f"{path} {what}" for what in _differs(node, there[path])]
    return wrong


def _differs(node: Mapping[str, Any], seen: os.stat_result) -> list[str]:
    if not _SORTS[node["type"]](seen.st_mode):
        return [f"is no {node['type']}"]
    mode = int(node["mode"])
    wanted = mode & 0o777
    for bit, ours in _SPECIAL:
        wanted |= ours if mode & bit else 0
    pairs: dict[str, tuple[Any, Any]] = {
        "owner": ((node.get("uid", 0), node.get("gid", 0)), (seen.st_uid, seen.st_gid)),
        "mode": (oct(wanted), oct(stat.S_IMODE(seen.st_mode))),
    }
    if node["type"] == "file":
        pairs["size"] = (node.get("size", 0), seen.st_size)
    if node["type"] in {"file", "dir"}:
        pairs["time"] = (_microseconds(str(node["mtime"])), seen.st_mtime_ns // 1000)
    if node["type"] == "symlink":
        del pairs["mode"]  # Linux has none of its own
    return [f"has {of} {is_} and not {was}" for of, (was, is_) in pairs.items() if was != is_]


def _microseconds(text: str) -> int:
    """Of a moment as Go writes it, with up to nine digits and an offset or Z."""
    head, dot, rest = text.partition(".")
    digits = ""
    while dot and rest and rest[0].isdigit():
        digits, rest = digits + rest[0], rest[1:]
    whole = datetime.fromisoformat(head + rest if dot else text)
    return int(whole.timestamp()) * 1_000_000 + int((digits + "000000")[:6])


def _shown(path: str) -> str:
    """As Go writes a name that is no UTF-8."""
    return "".join(_UNREADABLE if "\udc80" <= mark <= "\udcff" else mark for mark in path)
