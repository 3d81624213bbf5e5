"""Which version of each object a restore brings, of all that vaults hold.

Marks say what the site had no more; what rows of the application name comes back all the same: a
site whose end began with its objects marked them, and no row of a deletion survived. As of a moment
counts what was there then: it had come to the site by then, and was not gone.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .lanes import in_lanes
from .listing import Listed
from .sealing import Seal, SealBroken, digest_of
from .shelf import Shelf, moment_of, shelf
from .store import Unreached
from .vaults import Vaults


@dataclass
class Chosen:
    """wanted: a version of each object, those that rows name first, the newest of them first."""

    wanted: list[Listed] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    """Digests of all that the vaults hold."""
    counts: dict[str, int] = field(default_factory=dict)
    """How many those are, by folder."""
    later: set[str] = field(default_factory=set)
    """Digests of what rows name and of which only a version is kept that came after the moment."""


class VersionChoice:
    """named: digests of what rows name, with their ranks. as_of: Unix seconds; None: the last."""

    def __init__(
        self,
        vaults: Vaults,
        prefixes: Sequence[str],
        seal: Seal,
        *,
        named: Mapping[str, int],
        as_of: float | None,
    ) -> None:
        self._vaults, self._prefixes, self._seal = vaults, prefixes, seal
        self._named, self._as_of = named, as_of

    def made(
        self,
        modified: Callable[[str], str],
        *,
        known: Collection[str] = (),
        only: Collection[str] | None = None,
    ) -> Chosen:
        """Of all objects but the `known`, or `only` of these. modified: when a version came to the
        site, by its name in the vault, as its header says. Raises Unreached and StoreRefused."""
        chosen = Chosen()
        for prefix in self._prefixes:
            there = shelf(self._vaults, prefix, self._seal)
            several = dict[str, list[Listed]]()
            for one in there.versions:
                digest = there.digest(one)
                if digest in known or digest in chosen.held:
                    continue
                if only is None or digest in only:
                    several.setdefault(digest, []).append(one)
            picked = self._picked(several, there, modified, chosen.later)
            chosen.wanted += sorted(picked, key=lambda one: one.modified, reverse=True)
            digests = {there.digest(one) for one in there.versions}
            chosen.counts[prefix] = len(digests)
            # What was deleted under a later epoch does not come back from an earlier one's folder.
            chosen.held |= digests
        last = len(self._named)
        chosen.wanted.sort(key=lambda one: self._named.get(_digest(one), last))
        return chosen

    def _picked(
        self,
        several: Mapping[str, list[Listed]],
        there: Shelf,
        modified: Callable[[str], str],
        later: set[str],
    ) -> Iterator[Listed]:
        groups = {
            digest: self._group(versions, there, is_named=digest in self._named)
            for digest, versions in several.items()
        }
        doubtful = (one for group in groups.values() for one in self._doubtful(group))
        times = self._times(doubtful, modified)

        def at(one: Listed) -> tuple[float, str]:
            """When it came to the site; in the vault versions may have crossed."""
            return times.get(one.key, 0.0), one.modified

        for digest, group in groups.items():
            came = [one for one in group if self._is_of_then(times.get(one.key))]
            standing = [one for one in came if there.gone(one, self._as_of) is None]
            if standing or came:
                yield max(standing or came, key=at)
            elif group and digest in self._named:
                later.add(digest)
                yield min(group, key=at)

    def _group(self, versions: list[Listed], there: Shelf, *, is_named: bool) -> list[Listed]:
        """Those among which it is: what is gone only where a row names it, and, of the last state,
        only where nothing else is there."""
        standing = [one for one in versions if there.gone(one, self._as_of) is None]
        if not is_named or (standing and self._as_of is None):
            return standing
        return versions

    def _doubtful(self, group: Sequence[Listed]) -> Iterator[Listed]:
        """Of these one has to know when they came to the site. What was in the vault by the moment
        had come by then; but for large and first copies most came to both at once."""
        for one in group:
            if len(group) > 1 or (self._as_of and moment_of(one.modified) > self._as_of):
                yield one

    def _is_of_then(self, moment: float | None) -> bool:
        return moment is None or self._as_of is None or moment <= self._as_of

    def _times(
        self, doubtful: Iterator[Listed], modified: Callable[[str], str]
    ) -> Mapping[str, float]:
        """By name in the vault. Where a header cannot be read, it is when the vault got it."""

        def ask(one: Listed) -> float:
            try:
                return moment_of(modified(one.key))
            except SealBroken:
                return 0.0 if self._as_of is None else moment_of(one.modified)

        asked = in_lanes(ask, doubtful, self._vaults.require_reachable)
        return {
            one.key: moment_of(one.modified) if isinstance(time, Unreached) else time
            for one, time in asked
        }


def _digest(one: Listed) -> str:
    return digest_of(one.key.rpartition("/")[2])
