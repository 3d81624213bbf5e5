"""What every table of liferaft.toml has in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of the file: immutable, and nothing in it is unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")
