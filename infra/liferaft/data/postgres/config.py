"""What liferaft.toml says of a database."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import (
    AfterValidator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
)

from liferaft.config.data import DataConfig
from liferaft.config.fields import Filled
from liferaft.config.problems import Finding
from liferaft.config.urls import is_address
from liferaft.data.postgres.locale import unusable
from liferaft.data.postgres.settings import unsettable

_OF_POSTGRESQL: Final = frozenset(
    {
        *("postgres", "template0", "template1", "public", "none"),
        *("all", "replication", "sameuser", "samerole", "samegroup"),
    }
)
"""Roles and databases that are there already, words that can be no role, words of pg_hba.conf.
https://www.postgresql.org/docs/15/auth-pg-hba-conf.html
"""
_PACKAGE: Final = r"^postgresql-[0-9]{2}-[a-z0-9][a-z0-9.+-]{1,80}$"
_EXTENSION: Final = r"^[a-z_][a-z0-9_-]{0,62}$"


def _usable_locale(locale: str) -> str:
    reason = unusable(locale)
    if reason:
        raise ValueError(reason)
    return locale


class PostgresConfig(DataConfig):
    """The app's database, on the one server whose group runs "postgres"."""

    CALLED: ClassVar[str] = "database"
    RUNS: ClassVar[str | None] = "postgres"
    MOST: ClassVar[int | None] = 1
    APP_NAMES_TAKEN: ClassVar[Mapping[str, str]] = dict.fromkeys(
        _OF_POSTGRESQL, "has a meaning of its own in PostgreSQL"
    )
    """The app's name is a role and a database."""

    service: Filled | None = Field(
        default=None, description="a service of the Compose file, whose place the database takes"
    )
    settings: Mapping[str, StrictStr | StrictBool | StrictInt | StrictFloat] = Field(
        default={}, description="a table of PostgreSQL's settings, none of them liferaft's own"
    )
    packages: tuple[Annotated[str, StringConstraints(pattern=_PACKAGE)], ...] = Field(
        default=(), description="a list of Debian packages such as postgresql-17-pgvector"
    )
    extensions: tuple[Annotated[str, StringConstraints(pattern=_EXTENSION)], ...] = Field(
        default=(), description="a list of extensions such as vector"
    )
    locale: Annotated[str, AfterValidator(_usable_locale)] | None = Field(
        default=None, description="C.UTF-8, C, a locale such as en_US.UTF-8, or icu:LANGUAGE"
    )

    @property
    def stands_for(self) -> str | None:
        return self.service

    @property
    def told_settings(self) -> Mapping[str, str]:
        """As a file of PostgreSQL's has them."""
        return {
            name: ("on" if value else "off") if isinstance(value, bool) else str(value)
            for name, value in self.settings.items()
        }

    def findings(self, name: str, sections: Mapping[str, Any]) -> Iterator[Finding]:
        """Vaults that its archive could not be kept in; a service that would run beside it;
        settings that are not the application's."""
        for group, server in sections.get("servers", {}).items():
            if self.service in server.runs and self.service != self.RUNS:
                reason = f"it runs {self.service}, whose place data.{name} takes"
                yield Finding(("servers", group, "runs"), reason, f'"{self.RUNS}" in its place')
        for setting, value in self.told_settings.items():
            reason = unsettable(setting, value)
            if reason:
                yield Finding(("data", name, "settings", setting), reason, "no such setting")
        for vault, told in sections.get("vaults", {}).items():
            if told.endpoint and is_address(told.endpoint):
                yield Finding(
                    ("vaults", vault, "endpoint"),
                    "a server's pgBackRest needs a host name to check a certificate",
                    "a name, such as https://objects.example",
                )
