"""One pass, and proof by two listings that nothing of the site's is missing in the vault."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from .kept import Kept
from .lanes import in_lanes
from .manifest import Manifest
from .sealing import PARTLY, SealBroken, digest_of
from .shelf import shelf
from .task import Task
from .to_site import ToSite
from .to_vault import ToVault
from .vaults import Vaults

TOLD = 100
"""Names in one answer."""


def snapshot(task: Task) -> Mapping[str, Any]:
    """`missing` is a fault of the vault's: it took what it does not list. Every name of what is
    told is in `bucket-NAME.not-kept` and `bucket-NAME.lacking`."""
    prefix = task.prefixes[0]
    held = Manifest(prefix)
    copies = ToVault(task.site, task.vault, prefix, task.seal, held)
    copies.list_vault()
    last = held.last
    came = copies.run()
    copies.ask_lists()
    left_out = {task.seal.digest(key) for key in came.left_out}
    there = shelf(task.vault, prefix, task.seal)
    names = {there.name(one) for one in there.versions}
    # Of what the site has in a newer version, the earlier ones are kept as well, for a while.
    standing = list(there.standing())
    # The keeper, on another server, may have put a newer version in place of what is wanted here.
    beside = left_out | {digest_of(name) for name in names.difference(held.names(until=last))}
    wanted = {name for name in held.seen() if digest_of(name) not in beside}
    lacking = _lacking(task, (name for name in sorted(names) if name.endswith(PARTLY)))
    task.write_names("not-kept", came.left_out)
    task.write_names("lacking", lacking)
    return {
        "objects": len({there.digest(one) for one in standing}),
        "size": sum(one.size for one in standing),
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
    vault = ToSite(task.site, Vaults([task.vault]), task.prefixes, task.seal)

    def header(name: str) -> Kept | None:
        try:
            return vault.header(f"{task.prefixes[0]}{name}")
        except SealBroken:
            return None  # no longer there: a newer version is

    came = in_lanes(header, names, vault.require_reachable)
    return {kept.key: ", ".join(kept.lacks) for _, kept in came if isinstance(kept, Kept)}
