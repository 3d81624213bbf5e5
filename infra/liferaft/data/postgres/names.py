"""Names of roles and databases: what an application may call them, and how a rule file does.

https://www.postgresql.org/docs/15/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS,
https://www.postgresql.org/docs/15/auth-pg-hba-conf.html
"""

import re
from collections.abc import Mapping
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.$-]{0,62}", re.ASCII)
_PLAIN: Final = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)
"""As an application is called: a rule file has it as it is."""
_OF_RULES: Final = frozenset({"all", "replication", "sameuser", "samerole", "samegroup"})
_TAKEN: Final[Mapping[str, frozenset[str]]] = {
    "role": frozenset({"postgres", "public", "none"}),
    "database": frozenset({"postgres", "template0", "template1"}),
}


def unusable(what: str, name: str) -> str:
    """Why no role or database (`what`) of an application can be called so; empty for one that
    can."""
    if not _NAME.fullmatch(name):
        return f"no {what} can be called {name[:80]!r}: letters, digits, and _.$- behind the first"
    if name in _TAKEN[what]:
        return f"the {what} {name} is the server's own, with its superuser or what it keeps"
    if name.startswith("pg_"):
        return f"a {what} whose name begins with pg_ is PostgreSQL's own"
    return ""


def in_rules(name: str) -> str:
    """The name in pg_hba.conf, where some words mean something else without quotes."""
    return name if _PLAIN.fullmatch(name) and name not in _OF_RULES else f'"{name}"'
