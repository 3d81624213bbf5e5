"""From the vault into a site's bucket: only what is not there. The store itself sees to that."""

import json
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from operator import attrgetter

from .choosing import Chosen, VersionChoice
from .kept import Kept
from .lanes import in_lanes
from .listing import Listed, listed
from .sealing import Seal, SealBroken, digest_of
from .store import Store, StoreRefused, Unreached, insist, without_its_bytes
from .uploads import ONE_PUT, PIECE, SMALL, Note, put, put_in_parts
from .vaults import Vaults

MADE, THERE, NOT_RESTORED = "", "=", "!"
"""Marks of what became of an object: put; there before, or since; neither."""
ANOTHER = "the site has another object there: the app's own, or one that it calls by this name too"


class NotCreateOnly(Exception):
    """The store replaces what it was told to create only: a restore could destroy what is new."""


@dataclass
class Came:
    """What the copying came to so far."""

    total: int = 0
    total_size: int = 0
    """Bytes in the vault of what was not at the site when the copying began."""
    objects: int = 0
    size: int = 0
    there: int = 0
    """Written by the app in between: they stayed."""
    named_left: int = 0
    """Objects that rows name and that are not at the site yet."""
    held: set[str] = field(default_factory=set)
    """See `Chosen.held`."""
    refused: dict[str, str] = field(default_factory=dict)
    """What the site's store does not take: why, by key."""
    damaged: dict[str, str] = field(default_factory=dict)
    """What cannot be fetched or opened: why, by name in the vault."""
    otherwise: dict[str, str] = field(default_factory=dict)
    """What the store acknowledged and does not have as it came: why, by key."""
    refusals: list[StoreRefused] = field(default_factory=list)


class ToSite:
    """One copying, of one or several epochs' folders in the vault, the newest first."""

    def __init__(
        self,
        site: Store,
        vaults: Vaults,
        prefixes: Sequence[str],
        seal: Seal,
        *,
        note: Note = lambda *_: None,
        named: Mapping[str, int] | None = None,
        as_of: float | None = None,
    ) -> None:
        """named, as_of: see `VersionChoice`."""
        self._site, self._vaults, self._seal = site, vaults, seal
        self._note, self._named = note, named or {}
        self._choice = VersionChoice(vaults, prefixes, seal, named=self._named, as_of=as_of)

    def run(self, came: Came, done: set[str]) -> Iterator[tuple[str, str]]:
        """The digest of each object of the vault, and a mark: first those that are there already,
        then the others as they come. `done`: those that an earlier run has told. Raises
        NotCreateOnly, Unreached and StoreRefused."""
        there = {self._seal.digest(one.key) for one in listed(self._site)} - done
        chosen = self.chosen(known=there | done)
        wanted, came.held = chosen.wanted, chosen.held
        for digest in there & chosen.held:
            yield digest, THERE
        came.named_left = sum(one not in there and one not in done for one in self._named)
        came.total, came.total_size = (
            came.total + len(wanted),
            came.total_size + sum(one.size for one in wanted),
        )
        if wanted:
            self._probe(in_parts=any(one.size > ONE_PUT for one in wanted))
        stops = attrgetter("is_about_store")
        for one, tried in in_lanes(self._try, wanted, self.require_reachable, stops=stops):
            _note(one, tried, came)
            came.named_left -= isinstance(tried, bool) and _digest(one) in self._named
            yield _digest(one), _mark(tried)
        for refusal in came.refusals:
            # Others were tried as well, but it is not done: begun again, it tries these again.
            if refusal.is_full or (refusal.is_about_store and not came.objects):
                raise refusal

    def require_reachable(self, at: str) -> None:
        """Raises when it is the store that does not answer, and not about one object alone."""
        if at == self._site.name:
            next(listed(self._site), None)
        else:
            self._vaults.require_reachable(at)

    def chosen(self, *, known: Collection[str] = (), only: Collection[str] | None = None) -> Chosen:
        """What is to be at the site. Raises Unreached and StoreRefused."""
        return self._choice.made(lambda name: self.header(name).modified, known=known, only=only)

    def later(self) -> set[str]:
        """`Chosen.later`, whichever try has brought them. Raises Unreached and StoreRefused."""
        return self.chosen(only=self._named).later

    def header(self, name: str) -> Kept:
        """The header of one object in the vault. Raises SealBroken, and Unreached where that cannot
        be told."""

        def read(vault: Store) -> Kept:
            with vault.open("GET", name) as answer:
                return self._check(name, next(self._seal.opened(answer.pieces(PIECE))))

        try:
            return self._vaults.of_one(name, lambda vault: insist(lambda: read(vault)))
        except StoreRefused as refusal:
            raise _about_one(refusal) from None

    def _try(self, one: Listed) -> bool | StoreRefused | SealBroken:
        """Whether it was created; False: something is there already. Raises Unreached, also where
        the vault refuses what may not be about this object alone."""
        create = self._create if one.size <= SMALL else self._create_large
        try:
            return self._vaults.of_one(one.key, lambda vault: create(one, vault))
        except SealBroken as damage:
            return damage
        except StoreRefused as refusal:
            if refusal.at == self._site.name:
                return refusal
            fault = _about_one(refusal)
            if isinstance(fault, SealBroken):
                return fault
            raise fault from None

    def _create(self, one: Listed, vault: Store) -> bool:
        _, body = vault.ask("GET", one.key)
        parts = self._seal.opened([body])
        kept = self._check(one.key, next(parts))
        return self._put(kept, [b"".join(parts)])

    def _create_large(self, one: Listed, vault: Store) -> bool:
        def create_once() -> bool:
            with vault.open("GET", one.key) as answer:
                parts = self._seal.opened(answer.pieces(PIECE))
                kept = self._check(one.key, next(parts))
                with suppress(StoreRefused):
                    self._site.ask("HEAD", kept.key)
                    return False  # spares sending it in vain
                return self._put(kept, parts)

        return insist(create_once)

    def other(self, one: Listed) -> tuple[str, str] | None:
        """Key and reason where the site has another object under this name. Raises Unreached."""
        try:
            kept = self.header(one.key)
            if one.size > SMALL:
                headers, _ = self._site.ask("HEAD", kept.key)
                same = not kept.differing(headers, self._site.dialect.meta)
            else:
                content = self._vaults.of_one(one.key, lambda vault: self._content(one, vault))
                headers, body = self._site.ask("GET", kept.key)
                same = body == content and not kept.differing(headers, self._site.dialect.meta)
        except SealBroken as damage:
            return one.key, str(damage)
        except StoreRefused as refusal:
            if refusal.at == self._site.name:
                return None  # the app has deleted it since
            fault = _about_one(refusal)
            if isinstance(fault, SealBroken):
                return one.key, str(fault)
            raise fault from None
        return None if same else (kept.key, ANOTHER)

    def _content(self, one: Listed, vault: Store) -> bytes:
        _, sealed = vault.ask("GET", one.key)
        return b"".join(list(self._seal.opened([sealed]))[1:])

    def _put(self, kept: Kept, content: Iterable[bytes]) -> bool:
        name, text = self._site.dialect.create_only
        headers = {**kept.put_headers(self._site.dialect.meta), name: text}
        try:
            put(self._site, kept.key, content, kept.size, headers, note=self._note)
        except StoreRefused as refusal:
            if refusal.status == HTTPStatus.PRECONDITION_FAILED:
                return False
            raise
        return True

    def _check(self, name: str, header: bytes) -> Kept:
        kept = _kept(header)
        own = self._seal.name(kept.key, kept.identity, partly=bool(kept.lacks))
        if own != name.rpartition("/")[2]:
            raise SealBroken("it lies under another object's name, or another version's")
        return kept

    def _probe(self, *, in_parts: bool) -> None:
        """Whether the store keeps the promise that all of this rests on. Leaves nothing."""
        key, (name, text) = f"liferaft-{secrets.token_hex(16)}", self._site.dialect.create_only
        only = {name: text}
        again = [lambda: put(self._site, key, [], 0, only)]
        if in_parts:
            again.append(lambda: put_in_parts(self._site, key, [b"x"], 1, only, note=self._note))
        try:
            _is_refused(again[0])  # an answer that was lost may have made it
            for attempt in again:
                if not _is_refused(attempt):
                    raise NotCreateOnly("it replaced what it was told to create only")
        finally:
            with suppress(StoreRefused, Unreached):
                self._site.ask("DELETE", key)


def _is_refused(attempt: Callable[[], None]) -> bool:
    """Whether the store kept the condition. Raises NotCreateOnly when it does not know it."""
    try:
        attempt()
    except StoreRefused as refusal:
        if refusal.shuts_out or refusal.passes:
            raise
        if refusal.status != HTTPStatus.PRECONDITION_FAILED:
            raise NotCreateOnly(str(refusal)) from refusal
        return True
    return False


def _about_one(refusal: StoreRefused) -> SealBroken | Unreached:
    """What the vault's refusal of one object means. One that may be about the vault is tried again
    at the end, when the vault is asked whether it is."""
    if refusal.status == HTTPStatus.NOT_FOUND:
        return SealBroken("it is gone from the vault since it was listed")
    if refusal.is_archived or refusal.is_about_one:
        return SealBroken(str(refusal))
    return Unreached(refusal.at, str(refusal))


def _mark(tried: bool | StoreRefused | SealBroken | Unreached) -> str:
    if isinstance(tried, bool):
        return MADE if tried else THERE
    return NOT_RESTORED


def _note(one: Listed, tried: bool | StoreRefused | SealBroken | Unreached, came: Came) -> None:
    match tried:
        case SealBroken() | Unreached():
            came.damaged[one.key] = str(tried)
        case StoreRefused():
            came.refused[tried.key] = str(tried)
            came.refusals.append(without_its_bytes(tried))
        case True:
            came.objects, came.size = came.objects + 1, came.size + one.size
        case _:
            came.there += 1


def _kept(header: bytes) -> Kept:
    try:
        return Kept.from_json(json.loads(header))
    except (ValueError, TypeError) as error:
        raise SealBroken(f"its header is of another version: {error}") from error


def _digest(one: Listed) -> str:
    return digest_of(one.key.rpartition("/")[2])
