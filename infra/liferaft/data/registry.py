"""The kinds of data by name."""

from liferaft.config.data import Kinds
from liferaft.data.bucket_config import BucketConfig
from liferaft.data.postgres.config import PostgresConfig

CONFIGS: Kinds = {"postgres": PostgresConfig, "bucket": BucketConfig}
"""Their models of liferaft.toml. What else a kind has, is loaded where it is used."""
