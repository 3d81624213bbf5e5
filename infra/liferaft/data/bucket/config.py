"""What liferaft.toml says of a bucket."""

from typing import ClassVar, Final

from pydantic import Field

from liferaft.config.data import DataConfig

KEEP_DELETED: Final = 30


class BucketConfig(DataConfig):
    """The app's objects, in a bucket at each site."""

    CALLED: ClassVar[str] = "bucket"
    IN_BUCKET: ClassVar[bool] = True
    MOST: ClassVar[int | None] = 1

    keep_deleted: int = Field(
        default=KEEP_DELETED, ge=1, le=3650, description="whole days, 1 to 3650"
    )
    """Days for which vaults keep what the application has deleted or replaced."""
