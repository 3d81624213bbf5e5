"""What the site tells the application, read once from the environment at start."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class SettingsMissing(Exception):
    """The environment lacks variables; the message names all of them."""


@dataclass(frozen=True)
class BucketSettings:
    """Where pictures are kept."""

    endpoint: str
    region: str
    name: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    ca_file: str | None
    """A file of certificates to trust instead of the system's; None: the system's."""


@dataclass(frozen=True)
class Settings:
    """The variables that liferaft promises to every application, as values."""

    site: str
    epoch: int
    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    bucket: BucketSettings


REQUIRED = (
    "LIFERAFT_SITE",
    "LIFERAFT_EPOCH",
    "DATABASE_URL",
    "S3_ENDPOINT",
    "S3_REGION",
    "S3_BUCKET",
    "S3_ACCESS_KEY_ID",
    "S3_SECRET_ACCESS_KEY",
    "APP_SECRET_KEY",
)


def settings_from(environment: Mapping[str, str]) -> Settings:
    """The settings in `environment`; raises SettingsMissing with every absent or empty name."""
    missing = [name for name in REQUIRED if not environment.get(name)]
    if missing:
        raise SettingsMissing(f"The environment lacks {', '.join(missing)}.")
    return Settings(
        site=environment["LIFERAFT_SITE"],
        epoch=int(environment["LIFERAFT_EPOCH"]),
        database_url=environment["DATABASE_URL"],
        secret_key=environment["APP_SECRET_KEY"],
        bucket=BucketSettings(
            endpoint=environment["S3_ENDPOINT"],
            region=environment["S3_REGION"],
            name=environment["S3_BUCKET"],
            access_key_id=environment["S3_ACCESS_KEY_ID"],
            secret_access_key=environment["S3_SECRET_ACCESS_KEY"],
            ca_file=environment.get("S3_CA_FILE") or None,
        ),
    )
