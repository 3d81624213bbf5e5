"""The vault's objects into the site's bucket, with progress written down; and the comparison."""

import json
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from .kept import Kept
from .lanes import in_lanes
from .leftovers import Begun
from .listing import Listed, listed
from .naming import Compared, compared, named, named_before
from .rows import RowsUnread
from .sealing import DIGITS, SealBroken, digest_of
from .store import StoreRefused, Unreached
from .task import Task
from .to_site import MADE, NOT_RESTORED, THERE, Came, ToSite
from .uploads import Note
from .vaults import Vaults

TOLD = 100
"""Names in one answer."""
LOST = "no vault has it"
HELD = "a vault has it, as deleted or as of another time"
_RENAMED = "the site lists it under another name: perhaps that is another object"


def restore(task: Task) -> None:
    """Progress is in `bucket-NAME.progress`, once a second. In the end `bucket-NAME.not-restored`
    has every name of what is not back, `bucket-NAME.missing` of what rows name and the site does
    not have, and `bucket-NAME.later` of what it has as of later than it should be.

    `bucket-NAME.record` has a line for each object, with a mark where it could not be restored: a
    restore that is begun anew leaves alone what the site had, even if the app has deleted it since.
    What a killed one had begun to send in parts is ended."""
    run = _Restoring(task)
    run.write_down()
    begun = Begun(task.state / f"bucket-{task.name}.uploads")
    begun.abort(task.site)
    copies = run.copies(begun.note)
    run.copy(copies)
    if run.vaults.ask_again():  # for what those alone have that were silent for a while
        run.copy(copies)
        run.forget_faults_of(recorded(task, MADE, THERE))
    run.check(copies)
    again = run.copies_of_missing(begun.note)
    if again is not None:
        run.copy(again)
        run.check(again)
    with suppress(Unreached):  # then it stays noted
        begun.abort(task.site)
    run.write_down()


class _Restoring:
    """One try at it."""

    def __init__(self, task: Task) -> None:
        self._task, self.vaults, self.came = task, task.vaults(), Came()
        self._began = time.monotonic()
        self._rows = Compared()
        self._rows_unread = ""

    def copies(self, note: Note) -> ToSite:
        """That rows cannot be read stops nothing: then the marks alone say what is brought."""
        task = self._task
        ranks: Mapping[str, int] = {}
        try:
            ranks = named(task)
        except RowsUnread as failure:
            self._rows_unread = str(failure)
        return _to_site(task, self.vaults, ranks, note)

    def copy(self, copies: ToSite) -> None:
        task, said = self._task, 0.0
        with (task.state / record_of(task)).open("a", buffering=1) as record:
            record.write("\n")  # an earlier one may have left half a line
            for digest, mark in copies.run(self.came, recorded(task, MADE, THERE)):
                record.write(f"{digest}{mark}\n")
                if time.monotonic() - said >= 1:
                    said = time.monotonic()
                    self.write_down()

    def forget_faults_of(self, back: Collection[str]) -> None:
        """What came from another vault in the end was at fault for a while only."""
        came, digest = self.came, self._task.seal.digest
        for name in [one for one in came.damaged if digest_of(one.rpartition("/")[2]) in back]:
            del came.damaged[name]
        for key in [one for one in came.refused if digest(one) in back]:
            del came.refused[key]

    def check(self, copies: ToSite) -> None:
        """Tells what is not back, and what of it rows name."""
        came = self.came
        came.otherwise.update(_otherwise(self._task, copies))
        told = {**came.refused, **came.damaged, **came.otherwise}
        self._task.write_names("not-restored", told)
        self._compare_with_rows(copies)

    def _compare_with_rows(self, copies: ToSite) -> None:
        """What rows name and the site does not have, by name; and what it has as of later."""
        task, came, faults = self._task, self.came, self._faults()
        had = recorded(task, MADE, THERE)
        silent = " and ".join(self.vaults.silent)
        lost = f"no vault that answers has it, and {silent} does not answer" if silent else LOST

        def why(of: str) -> str:
            if of in had:
                return faults.get(of) or "it was there and was deleted since"
            return faults.get(of) or (HELD if of in came.held else lost)

        try:
            later = set() if task.as_of is None else copies.later() & recorded(task, MADE)
            self._rows, self._rows_unread = compared(task, why, later), ""
        except (RowsUnread, Unreached, StoreRefused) as failure:
            self._rows_unread = str(failure)
        task.write_names("missing", self._rows.missing)
        task.write_names("later", self._rows.later)
        came.named_left = len(self._rows.missing)

    def copies_of_missing(self, note: Note) -> ToSite | None:
        """To bring what is missing though a vault has it: rows could not be read when the rest was
        chosen, or name more since. None where there is nothing of that, or rows are silent again.
        """
        task = self._task
        held = {task.seal.digest(key) for key, why in self._rows.missing.items() if why == HELD}
        if not held:
            return None
        try:
            ranks = {**dict.fromkeys(held, 0), **named(task)}
        except RowsUnread as failure:  # it stays told as missing, and why
            sys.stderr.write(f"the rows cannot be read again: {failure}\n")
            return None
        return _to_site(task, self.vaults, ranks, note)

    def _faults(self) -> Mapping[str, str]:
        """By digest, why an object could not be brought."""
        came, digest = self.came, self._task.seal.digest
        faults = {digest_of(one.rpartition("/")[2]): why for one, why in came.damaged.items()}
        for told in (came.refused, came.otherwise):
            faults |= {digest(key): why for key, why in told.items()}
        return faults

    def write_down(self) -> None:
        """How far it is."""
        came, vaults = self.came, self.vaults
        told = {
            "seconds": round(time.monotonic() - self._began, 1),
            "objects": came.objects,
            "size": came.size,
            "total_objects": came.total,
            "total_size": came.total_size,
            "there": came.there,
            "named_left": came.named_left,
            "rows_unread": self._rows_unread,
            **_some("missing", self._rows.missing),
            **_some("later", self._rows.later),
            **_some("refused", came.refused),
            **_some("damaged", came.damaged),
            **_some("otherwise", came.otherwise),
            **_some("mended", dict(vaults.mended)),
            "silent": vaults.silent,
        }
        self._task.write(f"bucket-{self._task.name}.progress", json.dumps(told))


def _to_site(
    task: Task, vaults: Vaults, ranks: Mapping[str, int], note: Note = lambda *_: None
) -> ToSite:
    where = (task.site, vaults, task.prefixes, task.seal)
    return ToSite(*where, note=note, named=ranks, as_of=task.as_of)


def _some(of: str, names: Mapping[str, str]) -> Mapping[str, Any]:
    return {of: dict(islice(names.items(), TOLD)), f"{of}_count": len(names)}


def _otherwise(task: Task, copies: ToSite) -> Iterator[tuple[str, str]]:
    """Keys that the site's store acknowledged, or had already as it said, and does not have as they
    came; and why. Stores that keep objects in folders take `a//b` for `a/b`, and of `a/` they keep
    no content: their word is not enough."""
    unlisted, folders = recorded(task, MADE, THERE), set[str]()
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

    others = recorded(task, THERE) - unlisted - folders
    told = dict(_told(in_lanes(why, _chosen(copies, unlisted | folders), copies.require_reachable)))
    if _RENAMED in told.values():
        # The app may have put one there again meanwhile. The whole is listed: a store that calls
        # `a//b` by another name still lists it as that where one asks for what begins so.
        for one in listed(task.site):
            if told.get(one.key) == _RENAMED:
                del told[one.key]
    yield from told.items()
    if _RENAMED in told.values():
        # Then what was there already may be another object of ours, and not the app's own.
        yield from _told(in_lanes(copies.other, _chosen(copies, others), copies.require_reachable))


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


def _chosen(copies: ToSite, digests: Collection[str]) -> Sequence[Listed]:
    """The version of each that was to be at the site."""
    return copies.chosen(only=digests).wanted if digests else ()


def compare(task: Task) -> Mapping[str, Any]:
    """Both sides are listed. `objects` are those that the vault holds, what the site has deleted
    since among them. `missing` is what is in the vault and neither at the site nor on
    record there: what was acknowledged and is gone, the app has deleted since. It is told by key
    where the vault can be read."""
    known = {task.seal.digest(one.key) for one in listed(task.site)}
    known |= recorded(task, MADE, THERE, NOT_RESTORED)
    vaults = task.vaults()
    copies = _to_site(task, vaults, named_before(task))
    chosen = copies.chosen(known=known)
    return {
        "objects": chosen.counts,
        "missing_count": len(chosen.wanted),
        "missing": [_named(copies, one) for one in chosen.wanted[:TOLD]],
        "silent": vaults.silent,
    }


def _named(copies: ToSite, one: Listed) -> str:
    try:
        return copies.header(one.key).key
    except SealBroken as damage:
        return f"{one.key} in the vault ({damage})"


def recorded(task: Task, *marks: str) -> set[str]:
    """Digests of what a restore has told with one of these marks."""
    with suppress(FileNotFoundError):
        lines = (task.state / record_of(task)).read_text().split()
        return {line[:DIGITS] for line in lines if line[DIGITS:] in marks}
    return set()


def record_of(task: Task) -> str:
    """The file of a restore that has a line for each object."""
    return f"bucket-{task.name}.record"
