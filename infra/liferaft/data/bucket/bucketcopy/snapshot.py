"""One pass, and proof by two listings that nothing of the site's is missing in the vault."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from .kept import Kept
from .lanes import in_lanes
from .listing import listed
from .sealing import PARTLY, SealBroken, digest_of
from .task import Task
from .to_site import ToSite
from .to_vault import ToVault

TOLD = 100
"""Names in one answer."""


def snapshot(task: Task) -> Mapping[str, Any]:
    """`missing` is a fault of the vault's: it took what it does not list. Every name of what is
    told is in `bucket-NAME.not-kept` and `bucket-NAME.lacking`."""
    prefix = task.prefixes[0]
    copies = ToVault(task.site, task.vault, prefix, task.seal)
    before = set(copies.list_vault())
    came = copies.run()
    copies.ask_lists()
    left_out = {task.seal.digest(key) for key in came.left_out}
    names, size, digests = set[str](), 0, set[str]()
    for one in listed(task.vault, prefix):
        name = one.key.removeprefix(prefix)
        names.add(name)
        digests.add(digest_of(name))
        size += one.size
    # The keeper, on another server, may have put a newer version in place of what is wanted here.
    beside = left_out | {digest_of(name) for name in names - before}
    wanted = {name for name in came.names if digest_of(name) not in beside}
    lacking = _lacking(task, (name for name in sorted(names) if name.endswith(PARTLY)))
    task.write_names("not-kept", came.left_out)
    task.write_names("lacking", lacking)
    return {
        "objects": len(digests),
        "size": size,
        "copied": came.copied,
        "copied_size": came.size,
        "missing": len(wanted - names),
        "left_out": dict(islice(came.left_out.items(), TOLD)),
        "left_out_count": len(came.left_out),
        "lacking": dict(islice(lacking.items(), TOLD)),
        "lacking_count": len(lacking),
        "lists_unreadable": copies.lists_unreadable,
    }


def _lacking(task: Task, names: Iterable[str]) -> dict[str, str]:
    """By key, what could not be kept of an object. Their headers say it."""
    vault = ToSite(task.site, task.vault, task.prefixes, task.seal)

    def header(name: str) -> Kept | None:
        try:
            return vault.header(f"{task.prefixes[0]}{name}")
        except SealBroken:
            return None  # no longer there: a newer version is

    came = in_lanes(header, names, vault.require_reachable)
    return {kept.key: ", ".join(kept.lacks) for _, kept in came if isinstance(kept, Kept)}
