"""What liferaft.toml says of a bucket."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, BeforeValidator, Field

from liferaft.config.data import DataConfig
from liferaft.config.problems import Finding

KEEP_DELETED: Final = 30
_QUERY: Final = re.compile(r"(?is)\s*(select|with)\s.*")


def _as_list(told: Any) -> Any:
    """One query may stand alone."""
    return [told] if isinstance(told, str) else told


def _readable(query: str) -> str:
    if not _QUERY.fullmatch(query) or "$1" not in query or ";" in query or "\\" in query:
        raise ValueError(
            "a query for rows beyond $1, without a semicolon or a backslash, such as"
            ' "select object_key, id from uploads where id > $1"'
        )
    return query


class BucketConfig(DataConfig):
    """The app's objects, in a bucket at each site."""

    CALLED: ClassVar[str] = "bucket"
    IN_BUCKET: ClassVar[bool] = True
    MOST: ClassVar[int | None] = 1

    keep_deleted: int = Field(
        default=KEEP_DELETED, ge=1, le=3650, description="whole days, 1 to 3650"
    )
    """Days for which vaults keep what the application has deleted or replaced."""
    references: Annotated[
        tuple[Annotated[str, AfterValidator(_readable)], ...], BeforeValidator(_as_list)
    ] = Field(default=(), max_length=20, description="a query or a list of up to 20")
    """Queries for what the application's rows name: the key of an object, and a value that grows
    from row to row, of rows beyond $1."""

    def findings(self, name: str, sections: Mapping[str, Any]) -> Iterator[Finding]:
        """Rows are read where there is a database."""
        data = sections.get("data", {})
        if self.references and not any(one.RUNS for one in data.values()):
            yield Finding(
                ("data", name, "references"),
                "there is no database whose rows could name objects",
                'a table [data.NAME] with kind = "postgres"',
            )
