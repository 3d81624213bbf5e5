"""What liferaft.toml says of a database."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from liferaft.config.data import DataConfig
from liferaft.config.problems import Finding
from liferaft.config.urls import is_address

_OF_POSTGRESQL: Final = frozenset(
    {
        *("postgres", "template0", "template1", "public", "none"),
        *("all", "replication", "sameuser", "samerole", "samegroup"),
    }
)
"""Roles and databases that are there already, words that can be no role, words of pg_hba.conf.
https://www.postgresql.org/docs/15/auth-pg-hba-conf.html
"""


class PostgresConfig(DataConfig):
    """The app's database, on the one server whose group runs "postgres"."""

    CALLED: ClassVar[str] = "database"
    RUNS: ClassVar[str | None] = "postgres"
    MOST: ClassVar[int | None] = 1
    APP_NAMES_TAKEN: ClassVar[Mapping[str, str]] = dict.fromkeys(
        _OF_POSTGRESQL, "has a meaning of its own in PostgreSQL"
    )
    """The app's name is a role and a database."""

    def findings(self, name: str, sections: Mapping[str, Any]) -> Iterator[Finding]:
        """Vaults that its archive could not be kept in."""
        for vault, told in sections.get("vaults", {}).items():
            if told.endpoint and is_address(told.endpoint):
                yield Finding(
                    ("vaults", vault, "endpoint"),
                    "a server's pgBackRest needs a host name to check a certificate",
                    "a name, such as https://objects.example",
                )
