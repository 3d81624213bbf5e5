"""What liferaft.toml says of a bucket."""

from typing import ClassVar

from liferaft.config.data import DataConfig


class BucketConfig(DataConfig):
    """The app's objects, in a bucket at each site."""

    CALLED: ClassVar[str] = "bucket"
    IN_BUCKET: ClassVar[bool] = True
    MOST: ClassVar[int | None] = 1
