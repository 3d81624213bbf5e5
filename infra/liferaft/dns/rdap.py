"""When the registration of a domain ends, as its registry says by RDAP.

IANA's table names the registry of a name (https://www.rfc-editor.org/rfc/rfc9224), and the registry
is asked over HTTP (https://www.rfc-editor.org/rfc/rfc7480) for a document
(https://www.rfc-editor.org/rfc/rfc9083). Many country's domains have no RDAP at all.
"""

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, Self

import requests

from liferaft.clouds.http import Connections, tame
from liferaft.failures import VendorFailure

IANA: Final = "https://data.iana.org/rdap/dns.json"
SECONDS: Final = 15.0
"""For all that is asked of one domain."""
_REDIRECTS: Final = 5
_PIECE: Final = 64
"""Bytes. A piece is waited for until it is whole, so that pieces of what trickles in are small."""
_LARGEST: Final = 4 * 1024**2
"""Bytes. IANA's table has less than 100 kB."""
_ACCEPTS: Final = "application/rdap+json, application/json"
_ENDS: Final = frozenset({"expiration", "registrar expiration"})
_NO_SUCH_NAME: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND})
_SAFE: Final = "Nothing was touched."


@dataclass(frozen=True)
class Registration:
    """What a registry says of a name that somebody has registered.

    Attributes:
        name: the name that is registered: the zone, or what it lies in.
        ends: when it ends (UTC); None where the registry does not say.
        statuses: as RDAP spells them: `client hold`. https://www.rfc-editor.org/rfc/rfc8056
    """

    name: str
    ends: datetime | None
    statuses: frozenset[str] = frozenset()


class NoRegistry(VendorFailure):
    """IANA's table names no registry that could be asked by RDAP."""


class NotRegistered(VendorFailure):
    """The registry has neither the name nor what it lies in."""


class RegistryFailed(VendorFailure):
    """A registry, or IANA, gave no answer that could be used."""


class Registries:
    """Those of IANA's table at this address."""

    def __init__(self, table: str = IANA) -> None:
        self._table = table

    def registration(self, zone: str, *, seconds: float = SECONDS) -> Registration:
        """Of the zone, or else of the nearest name above it that is registered. Blocks for that
        long at most. Raises NoRegistry, NotRegistered, RegistryFailed."""
        with _Asking(seconds) as asking:
            end, bases = _responsible(asking.read(self._table, "IANA's table"), zone)
            for name in _candidates(zone, end):
                found = asking.first(bases, name)
                if found is not None:
                    return registration_of(found, name)
        raise NotRegistered(
            f"The registry of {end} has no registration of {zone}",
            safe=_SAFE,
            do="See at the registrar whose it is.",
        )


class _Asking:
    """Questions over one session, until one moment."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._end = seconds, time.monotonic() + seconds
        self._session = requests.Session()
        self._session.max_redirects = _REDIRECTS
        self._session.headers["Accept"] = _ACCEPTS
        tame(self._session, Connections(None))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def first(self, bases: Sequence[str], name: str) -> Mapping[str, Any] | None:
        """What the first of these addresses that can be reached says; None: there is no such
        name."""
        trouble: RegistryFailed | None = None
        for base in bases:
            url = f"{base.rstrip('/')}/domain/{name}"
            try:
                return self._ask(url, f"The registry of {name}")
            except _Unreached as silent:
                trouble = silent
        raise trouble or RegistryFailed(f"IANA names no address for {name}", safe=_SAFE)

    def read(self, url: str, whose: str) -> Mapping[str, Any]:
        found = self._ask(url, whose)
        if found is None:
            raise RegistryFailed(f"{whose} is not there", safe=_SAFE, details={"url": url})
        return found

    def _ask(self, url: str, whose: str) -> Mapping[str, Any] | None:
        """None for 404, and for 400, which some registries answer to whoever asks for a name that
        nobody can register there."""
        self._require_time(whose)
        details = {"url": url}
        try:
            with self._session.get(url, stream=True) as answer:
                if url.startswith("https:") and not answer.url.startswith("https:"):
                    said = f"{whose} leads to an address without TLS"
                    raise RegistryFailed(said, safe=_SAFE, details=details)
                if answer.status_code in _NO_SUCH_NAME:
                    return None
                _require_ok(answer, whose)
                said = json.loads(self._body(answer, whose))
        except (requests.ConnectionError, requests.Timeout) as silent:
            error = type(silent).__name__
            raise _Unreached(
                f"{whose} does not answer ({error})", safe=_SAFE, details=details
            ) from (silent)
        except (requests.RequestException, ValueError) as error:
            said = f"{whose} gave an answer that cannot be read ({type(error).__name__})"
            raise RegistryFailed(said, safe=_SAFE, details=details) from error
        if not isinstance(said, dict):
            said = f"{whose} gave an answer that is no object"
            raise RegistryFailed(said, safe=_SAFE, details=details)
        return said

    def _body(self, answer: requests.Response, whose: str) -> bytes:
        """What trickles in, or has no end, is given up."""
        found = bytearray()
        for piece in answer.iter_content(_PIECE):
            found += piece
            self._require_time(whose)
            if len(found) > _LARGEST:
                raise RegistryFailed(f"{whose} gave an answer without an end", safe=_SAFE)
        return bytes(found)

    def _require_time(self, whose: str) -> None:
        if time.monotonic() > self._end:
            raise RegistryFailed(f"{whose} did not end within {self._seconds:g} s", safe=_SAFE)


class _Unreached(RegistryFailed):
    """Another address of the same registry may answer."""


def _require_ok(answer: requests.Response, whose: str) -> None:
    if answer.status_code == HTTPStatus.OK:
        return
    do = ""
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        wait = answer.headers.get("Retry-After", "")
        do = f"Ask again in {wait} s." if wait.isdecimal() else "Ask again later."
    said = f"{whose} answered with HTTP status {answer.status_code}"
    raise RegistryFailed(said, safe=_SAFE, do=do, details={"url": answer.url})


def _responsible(table: Mapping[str, Any], zone: str) -> tuple[str, tuple[str, ...]]:
    """The entry of the table that has most labels of the zone's end, and its addresses: those with
    TLS first. Raises NoRegistry, RegistryFailed."""
    try:
        known = {
            str(end).strip(".").lower(): tuple(map(str, urls))
            for ends, urls in table["services"]
            for end in ends
        }
    except (KeyError, TypeError, ValueError) as error:
        said = f"IANA's table cannot be read ({type(error).__name__})"
        raise RegistryFailed(said, safe=_SAFE) from error
    for end in _upwards(zone):
        if urls := known.get(end):
            return end, tuple(sorted(urls, key=lambda url: not url.startswith("https:")))
    raise NoRegistry(
        f"IANA names no registry of .{zone.rpartition('.')[2]} that could be asked",
        safe=_SAFE,
        do=f"See at the registrar of {zone} when it ends, and that it renews by itself.",
    )


def _upwards(name: str) -> Iterator[str]:
    """The name, and all that it lies in."""
    labels = name.strip(".").lower().split(".")
    return (".".join(labels[at:]) for at in range(len(labels)))


def _candidates(zone: str, end: str) -> Iterator[str]:
    """What may be registered: all that lies below the registry's own name."""
    return (name for name in _upwards(zone) if name != end and name.endswith(f".{end}"))


def registration_of(said: Mapping[str, Any], name: str) -> Registration:
    """What a registry's document says of that name. Raises RegistryFailed for one that is about
    something else. Pure."""
    told = str(said.get("ldhName") or name).strip(".").lower()
    if said.get("objectClassName") != "domain" or told != name:
        raise RegistryFailed(f"The registry's answer is not about {name}", safe=_SAFE)
    rows = said.get("events")
    events = [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
    named = (_moment(one.get("eventDate")) for one in events if one.get("eventAction") in _ENDS)
    statuses = said.get("status")
    words = map(_spelled, statuses) if isinstance(statuses, list) else ()
    return Registration(name, min(filter(None, named), default=None), frozenset(words))


def _moment(said: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _spelled(status: object) -> str:
    """EPP's spelling (`clientHold`), which some registries keep, as RDAP's."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(status)).lower()
