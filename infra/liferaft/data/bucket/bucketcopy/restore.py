"""The vault's objects into the site's bucket, with progress written down; and the comparison."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from .kept import Kept
from .lanes import in_lanes
from .leftovers import Begun
from .listing import Listed, listed
from .sealing import DIGITS, SealBroken, digest_of
from .shelf import shelf
from .store import StoreRefused, Unreached
from .task import Task
from .to_site import MADE, NOT_RESTORED, THERE, Came, ToSite
from .vaults import Vaults

TOLD = 100
"""Names in one answer."""
_RENAMED = "the site lists it under another name: perhaps that is another object"


def restore(task: Task) -> None:
    """Progress is in `bucket-NAME.progress`, once a second; in the end `bucket-NAME.not-restored`
    has every name of what is not back. `bucket-NAME.record` has a line for each object, with a mark
    where it could not be restored: a restore that is begun anew leaves alone what the site had,
    even if the app has deleted it since. What a killed one had begun to send in parts is ended."""
    came, vaults = Came(), task.vaults()
    _write_down(task, came, vaults)
    begun = Begun(task.state / f"bucket-{task.name}.uploads")
    begun.abort(task.site)
    copies = ToSite(task.site, vaults, task.prefixes, task.seal, note=begun.note)
    _copy(task, copies, came, vaults)
    if vaults.ask_again():  # for what those alone have that were silent for a while
        _copy(task, copies, came, vaults)
        back = _recorded(task, MADE, THERE)
        for name in [one for one in came.damaged if digest_of(one.rpartition("/")[2]) in back]:
            del came.damaged[name]
        for key in [one for one in came.refused if task.seal.digest(one) in back]:
            del came.refused[key]
    with suppress(Unreached):  # then it stays noted
        begun.abort(task.site)
    came.otherwise.update(_otherwise(task, copies, vaults))
    _write_down(task, came, vaults)
    task.write_names("not-restored", {**came.refused, **came.damaged, **came.otherwise})


def _copy(task: Task, copies: ToSite, came: Came, vaults: Vaults) -> None:
    said = 0.0
    with (task.state / _record(task)).open("a", buffering=1) as record:
        record.write("\n")  # an earlier one may have left half a line
        for digest, mark in copies.run(came, _recorded(task, MADE, THERE)):
            record.write(f"{digest}{mark}\n")
            if time.monotonic() - said >= 1:
                said = time.monotonic()
                _write_down(task, came, vaults)


def _otherwise(task: Task, copies: ToSite, vaults: Vaults) -> Iterator[tuple[str, str]]:
    """Keys that the site's store acknowledged, or had already as it said, and does not have as they
    came; and why. Stores that keep objects in folders take `a//b` for `a/b`, and of `a/` they keep
    no content: their word is not enough."""
    unlisted, folders = _recorded(task, MADE, THERE), set[str]()
    for one in listed(task.site):
        digest = task.seal.digest(one.key)
        if digest in unlisted and one.key.endswith("/"):
            folders.add(digest)
        unlisted.discard(digest)

    def why(one: Listed) -> tuple[str, str] | None:
        try:
            kept = copies.header(one.key)
        except SealBroken as damage:
            return one.key, str(damage)
        reason = _seen(task, kept, as_folder=digest_of(one.key.rpartition("/")[2]) in folders)
        return (kept.key, reason) if reason else None

    others = _recorded(task, THERE) - unlisted - folders
    told = dict(
        _told(in_lanes(why, _in_vaults(task, vaults, unlisted | folders), copies.require_reachable))
    )
    if _RENAMED in told.values():
        # The app may have put one there again meanwhile. The whole is listed: a store that calls
        # `a//b` by another name still lists it as that where one asks for what begins so.
        for one in listed(task.site):
            if told.get(one.key) == _RENAMED:
                del told[one.key]
    yield from told.items()
    if _RENAMED in told.values():
        # Then what was there already may be another object of ours, and not the app's own.
        yield from _told(
            in_lanes(copies.other, _in_vaults(task, vaults, others), copies.require_reachable)
        )


def _told(
    came: Iterator[tuple[Listed, tuple[str, str] | Unreached | None]],
) -> Iterator[tuple[str, str]]:
    for one, said in came:
        if said is not None:
            yield (one.key, str(said)) if isinstance(said, Unreached) else said


def _seen(task: Task, kept: Kept, *, as_folder: bool) -> str:
    """What is wrong with an object at the site; nothing where it is as it was kept."""
    try:
        there, _ = task.site.ask("HEAD", kept.key)
    except StoreRefused:
        return "the site had it and has it no more: it was deleted since, or never kept"
    if not as_folder:
        return _RENAMED
    other = kept.differing(there, task.site.dialect.meta)
    return f"the site has it with another {', '.join(other)}" if other else ""


def _in_vaults(task: Task, vaults: Vaults, digests: set[str]) -> Iterator[Listed]:
    """The latest epoch's version of each."""
    for prefix in task.prefixes if digests else ():
        there = shelf(vaults, prefix, task.seal)
        for one in there.standing():
            digest = there.digest(one)
            if digest in digests:
                digests.discard(digest)
                yield one


def compare(task: Task) -> Mapping[str, Any]:
    """Both sides are listed. `objects` are those that the vault holds, what the site has deleted
    since among them. `missing` is what is in the vault and neither at the site nor on
    record there: what was acknowledged and is gone, the app has deleted since. It is told by key
    where the vault can be read."""
    known = {task.seal.digest(one.key) for one in listed(task.site)}
    known |= _recorded(task, MADE, THERE, NOT_RESTORED)
    vaults = task.vaults()
    counts, missing, deleted = {}, dict[str, Listed](), set[str]()
    for prefix in task.prefixes:
        there = shelf(vaults, prefix, task.seal)
        for one in there.standing():
            digest = there.digest(one)
            if digest not in known and digest not in deleted:
                missing.setdefault(digest, one)
        digests = {there.digest(one) for one in there.versions}
        deleted |= digests - {there.digest(one) for one in there.standing()}
        counts[prefix] = len(digests)
    return {
        "objects": counts,
        "missing_count": len(missing),
        "missing": [_named(task, vaults, one) for one in islice(missing.values(), TOLD)],
        "silent": vaults.silent,
    }


def _named(task: Task, vaults: Vaults, one: Listed) -> str:
    try:
        return ToSite(task.site, vaults, task.prefixes, task.seal).header(one.key).key
    except SealBroken as damage:
        return f"{one.key} in the vault ({damage})"


def _write_down(task: Task, came: Came, vaults: Vaults) -> None:
    told = {
        "objects": came.objects,
        "size": came.size,
        "total_objects": came.total,
        "total_size": came.total_size,
        "there": came.there,
        "refused": dict(islice(came.refused.items(), TOLD)),
        "refused_count": len(came.refused),
        "damaged": dict(islice(came.damaged.items(), TOLD)),
        "damaged_count": len(came.damaged),
        "otherwise": dict(islice(came.otherwise.items(), TOLD)),
        "otherwise_count": len(came.otherwise),
        "mended": dict(islice(dict(vaults.mended).items(), TOLD)),
        "mended_count": len(vaults.mended),
        "silent": vaults.silent,
    }
    task.write(f"bucket-{task.name}.progress", json.dumps(told))


def _recorded(task: Task, *marks: str) -> set[str]:
    """Digests of what a restore has told with one of these marks."""
    with suppress(FileNotFoundError):
        lines = (task.state / _record(task)).read_text().split()
        return {line[:DIGITS] for line in lines if line[DIGITS:] in marks}
    return set()


def _record(task: Task) -> str:
    return f"bucket-{task.name}.record"
