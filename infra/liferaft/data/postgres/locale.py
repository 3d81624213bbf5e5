"""By what a database orders text: byte by byte, by the C library, or by ICU. Pure.

https://www.postgresql.org/docs/15/locale.html
"""

import re
from collections.abc import Mapping
from typing import Any, Final

DEFAULT: Final = "C.UTF-8"
_BYTEWISE: Final = frozenset({"c", "posix", "cutf8"})
_LIBC: Final = re.compile(r"[a-z]{2,3}_[A-Z]{2}(@[a-z]+)?\.(utf8|UTF-8)", re.ASCII)
_ICU: Final = re.compile(r"icu:([A-Za-z0-9]{2,8}(-[A-Za-z0-9]{1,8})*)", re.ASCII)
_ALL: Final = "locales-all"


def unusable(locale: str) -> str:
    """Why no database is made with it; empty for one that is."""
    if _plain(locale) in _BYTEWISE or _LIBC.fullmatch(locale) or _ICU.fullmatch(locale):
        return ""
    return f"{locale[:80]!r} is no locale of a database here"


def packages(locale: str | None) -> tuple[str, ...]:
    """What a server needs to have it."""
    return (_ALL,) if locale and _LIBC.fullmatch(locale) else ()


def clause(locale: str | None) -> tuple[str, str]:
    """Of CREATE DATABASE, with a place for the locale, which is the second."""
    icu = _ICU.fullmatch(locale or "")
    if icu:
        return "locale_provider icu locale ''C.UTF-8'' icu_locale %L", icu[1]
    return "locale %L", locale or DEFAULT


def is_same(locale: str, found: Mapping[str, Any]) -> bool:
    """Whether a database that PostgreSQL tells of (`provider`, `libc`, `icu`) has it."""
    icu = _ICU.fullmatch(locale)
    if found["provider"] == "i" or icu:
        there = found["icu"] if found["provider"] == "i" else ""
        return icu is not None and str(there).lower() == icu[1].lower()
    return _plain(found["libc"]) == _plain(locale)


def _plain(locale: str) -> str:
    return re.sub(r"[-.]", "", locale).lower()
