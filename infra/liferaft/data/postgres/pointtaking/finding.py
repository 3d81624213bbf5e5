"""What came of restoring a backup in a scratch place, as the scratch program answers it. Pure.

An operator's `snapshot verify` and a server that verifies by itself go by the same rules.
"""

import hmac
from collections.abc import Mapping
from typing import Any, Final

NOT_WHOLE: Final = frozenset({"26", "28", "29", "55", "73", "75", "95", "99"})
"""How pgBackRest ends for content that is damaged or missing: checksum, format, cipher, files.
https://github.com/pgbackrest/pgbackrest/blob/release/2.45/src/build/error/error.yaml"""
FAULTS: Final = {
    "restore": "its backup is damaged",
    "replay": "PostgreSQL does not start on its backup and the WAL that it needs",
    "structure": "pg_amcheck finds its structure damaged",
    "questions": "its tables cannot be read",
    "pages": "pages of it do not have their checksums",
}
NO_FINDINGS: Final = {
    "program": "this server lacks a program for it",
    "space": "the disk has no room for a copy",
    "killed": "the server ended it, for lack of memory perhaps",
}
"""What says nothing of the vault."""
_DAMAGED_WORDS: Final = ("[CryptoError]", "[FormatError]", "[ChecksumError]", "[FileMissingError]")
_UNREACHED_WORDS: Final = ("[HostConnectError]", "[ProtocolError]", "[ServiceError]")


def is_about_the_way(what: str, said: str, code: int) -> bool:
    """Whether nothing is known of what the vault holds."""
    if what == "restore":
        return str(code) not in NOT_WHOLE
    if what != "replay" or any(word in said for word in _DAMAGED_WORDS):
        return False
    return any(word in said for word in _UNREACHED_WORDS) or "before configured recovery" in said


def key_of_point(secret: str, point: str) -> str:
    """The key of a point's digests: without the application's secrets nobody can compare a guess
    with them."""
    return hmac.digest(secret.encode(), f"liferaft digest {point}".encode(), "sha256").hex()


def differing_tables(
    kept: Mapping[str, Mapping[str, Any]], found: Mapping[str, Mapping[str, Any]]
) -> tuple[str, ...]:
    """Sentences of what is another in the copy."""
    told = [f"table {name} is not there" for name in sorted(kept.keys() - found.keys())]
    told += [f"table {name} was not there" for name in sorted(found.keys() - kept.keys())]
    for name in sorted(kept.keys() & found.keys()):
        before, now = kept[name], found[name]
        if before["rows"] != now["rows"]:
            told.append(f"table {name} has {now['rows']} rows of {before['rows']}")
        elif before["digest"] != now["digest"]:
            told.append(f"rows of table {name} hold something else")
    return tuple(told)


def sum_of_rows(tables: Mapping[str, Mapping[str, Any]]) -> int:
    """Rows that were read."""
    return sum(int(one["rows"]) for one in tables.values())
