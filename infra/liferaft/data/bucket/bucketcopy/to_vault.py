"""From the site into the vault: what is new or changed, told by the site's listing and a
manifest of what the vault holds."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import islice
from typing import Final

from .kept import AccessLists, kept_of
from .lanes import in_lanes
from .leftovers import abort_old
from .listing import Listed, listed
from .manifest import Manifest
from .sealing import Seal, sealed_size
from .shelf import shelf
from .store import Store, StoreRefused, Unreached, insist, without_its_bytes
from .uploads import PIECE, put

SHUT_SECONDS: Final = 60.0
"""How long an object is left out that the site did not give to who asked: a policy that somebody
mends is seen by then, and a folder that is closed for ever costs no more than this."""

_TRIES: Final = 3
"""Of an object that is listed and not there when it is asked for."""


@dataclass
class Pass:
    """What one pass came to."""

    copied: int = 0
    size: int = 0
    """Bytes copied."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Why, by key."""
    refusals: list[StoreRefused] = field(default_factory=list)

    @property
    def is_in_doubt(self) -> bool:
        """The site gave nothing of all that was asked for now, as if it were shut: this is not the
        moment to say that the vault has what was stored before."""
        doubtful = [one for one in self.refusals if one.passes or one.shuts_out]
        return not self.copied and len(doubtful) > 1


@dataclass(frozen=True)
class _Copied:
    name: str
    """In the vault."""
    size: int


class ToVault:
    """Passes over one bucket. What the vault holds is known from its manifest."""

    def __init__(self, site: Store, vault: Store, prefix: str, seal: Seal, held: Manifest) -> None:
        self._site, self._vault, self._prefix, self._seal = site, vault, prefix, seal
        self._held = held
        self._refused: dict[str, tuple[str, str]] = {}
        """Identity and reason of what the site does not give, by key."""
        self._shut: dict[str, tuple[str, str]] = {}
        """The same of those that may be about who asks: soon asked for again."""
        self._shut_since = 0.0
        self._lists = AccessLists(site)
        self.lacking: dict[str, Listed] = {}
        """Objects that the last listing had and that are not in the vault, by key."""
        self.is_listed = False
        """Whether that listing is through."""

    @property
    def lists_unreadable(self) -> bool:
        """Whether objects let others in could not be asked."""
        return self._lists.unreadable

    def ask_lists(self) -> None:
        """Ask about one object, so that `lists_unreadable` is told though nothing is new."""
        for one in islice(listed(self._site, most=1), 1):
            with suppress(StoreRefused):
                self._lists.lets_others_in(one.key)

    def list_vault(self) -> None:
        """Learn what the vault holds. What was refused is asked for again, what a killed copy left
        of large objects goes."""
        abort_old(self._vault, self._prefix)
        last, now = self._held.last, time.time()
        found = shelf(self._vault, self._prefix, self._seal)
        rows = ((found.name(one), *(found.gone(one) or (None, None))) for one in found.versions)
        self._held.replace(rows, until=last, now=now)
        self._refused.clear()

    def run(self) -> Pass:
        """Copies what is missing. Raises Unreached and StoreRefused when a store is at fault; a
        single object never stops the others."""
        came = Pass()
        if time.monotonic() - self._shut_since > SHUT_SECONDS:
            self._shut.clear()
            self._shut_since = time.monotonic()
        self._held.begin()
        self.lacking, self.is_listed = {}, False
        for one, tried in in_lanes(self._try, self._missing(came), self._require_reachable):
            self._note(one, tried, came)
        self._held.commit()
        if came.refusals and not len(self._held) and self._is_about_all(came.refusals):
            raise came.refusals[0]
        return came

    def take(self, key: str) -> bool:
        """The vault has this object, as it is at the site now; False: the site has none. Threads
        may call it, beside a pass. Raises Unreached, and StoreRefused where either refuses it."""
        one = self._as_listed(key)
        if one is None:
            return False
        if self._held.sees(self._seal.name(one.key, one.identity)):
            return True
        tried = self._try(one)
        if isinstance(tried, StoreRefused):
            raise tried
        if tried is not None:
            self._held.add(tried.name)
            self.lacking.pop(key, None)
        return tried is not None

    def _is_about_all(self, refusals: Sequence[StoreRefused]) -> bool:
        """Nothing at all is kept: who asks is shut out, or the vault takes none of several."""
        by_vault = all(one.at == self._vault.name for one in refusals)
        return refusals[0].shuts_out or (by_vault and len(refusals) > 1)

    def _require_reachable(self, at: str) -> None:
        """Raises when it is the store that does not answer, and not about one object alone."""
        next(listed(self._site if at == self._site.name else self._vault), None)

    def _missing(self, came: Pass) -> Iterator[Listed]:
        for one in listed(self._site):
            if self._held.sees(self._seal.name(one.key, one.identity)):
                continue
            self.lacking[one.key] = one
            known = self._refused.get(one.key) or self._shut.get(one.key)
            identity, reason = known or ("", "")
            if identity == one.identity:
                came.left_out[one.key] = reason
            else:
                yield one
        self.is_listed = True

    def _try(self, one: Listed) -> _Copied | StoreRefused | None:
        """None: it was deleted since it was listed. One that was put again since is tried as it is
        now. Raises Unreached, and StoreRefused when the vault refuses more than this one object."""
        refusal = None
        for _ in range(_TRIES):
            try:
                return self._into_vault(one)
            except StoreRefused as refused:
                refusal = refused
            if refusal.at != self._site.name:
                if not refusal.is_about_one:
                    raise refusal
                break
            if refusal.status != HTTPStatus.NOT_FOUND:
                break
            now = self._as_listed(one.key)
            if now is None:
                return None
            one = now
        return refusal

    def _as_listed(self, key: str) -> Listed | None:
        """As it is listed now: of all keys that begin with it, it comes first."""
        first = next(listed(self._site, key, most=1), None)
        return first if first is not None and first.key == key else None

    def _note(
        self, one: Listed, tried: _Copied | StoreRefused | Unreached | None, came: Pass
    ) -> None:
        if isinstance(tried, _Copied):
            came.copied, came.size = came.copied + 1, came.size + tried.size
            self._held.add(tried.name)
        if isinstance(tried, _Copied) or tried is None:
            self.lacking.pop(one.key, None)
        else:
            came.left_out[one.key] = str(tried)
            if isinstance(tried, StoreRefused):
                came.refusals.append(without_its_bytes(tried))
                if not tried.passes:
                    known = self._shut if tried.shuts_out else self._refused
                    known[one.key] = (one.identity, str(tried))

    def _into_vault(self, one: Listed) -> _Copied:
        lacks = ("who else may read it",) if self._lists.lets_others_in(one.key) else ()

        def once() -> _Copied:
            with self._site.open("GET", one.key) as answer:
                pieces = answer.pieces(PIECE)
                return self._store(one, answer.headers, pieces, answer.size, lacks)

        return insist(once)

    def _store(
        self,
        one: Listed,
        headers: Mapping[str, str],
        content: Iterable[bytes],
        size: int,
        lacks: Sequence[str],
    ) -> _Copied:
        kept = kept_of(one, size, headers, self._site, lacks)
        name = self._seal.name(one.key, one.identity, partly=bool(kept.lacks))
        header = kept.to_bytes()
        pieces = self._seal.sealed(header, content)
        put(self._vault, f"{self._prefix}{name}", pieces, sealed_size(header, size), {})
        return _Copied(name, size)
