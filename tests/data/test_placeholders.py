"""What placeholders stand for follows from the data sets that the application has."""

from pathlib import Path

import pytest
from tests.application import COMPOSE, PLAIN
from tests.loading import load

from liferaft.config import Config
from liferaft.data import placeholders

TOLD = {
    "db": {"DATABASE_URL": "postgresql://chirp:p%2Fw@10.20.1.11:5433/chirp_data"},
    "media": {
        "S3_ENDPOINT": "https://s3.example:9000",
        "S3_REGION": "eu",
        "S3_BUCKET": "chirp-north-media",
        "S3_ACCESS_KEY_ID": "id",
        "S3_SECRET_ACCESS_KEY": "secret/+",
    },
}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / "Pulumi.yaml").write_text("name: chirp\nruntime: python\n")
    path = tmp_path / "liferaft.toml"
    path.write_text(PLAIN.format(folder=tmp_path))
    return load(path)


def test_each_known_name_has_a_value_and_no_other(config: Config) -> None:
    found = placeholders.values(config, "north", 3, TOLD)
    assert {*found} == {*placeholders.known(config)}
    said = {name: found[name] for name in ("site", "epoch", "bucket.host", "bucket.secret_key")}
    assert said == {
        "site": "north",
        "epoch": "3",
        "bucket.host": "s3.example:9000",
        "bucket.secret_key": "secret/+",
    }
    assert found["domain"] == config.app.domain
    assert found["bucket.ca_file"] == ""  # the system's authorities know the store


def test_the_parts_of_a_database_are_what_its_url_says(config: Config) -> None:
    found = placeholders.values(config, "north", 3, TOLD)
    parts = {key: found[f"database.{key}"] for key in ("host", "port", "user", "password", "name")}
    assert parts == {
        "host": "10.20.1.11",
        "port": "5433",
        "user": "chirp",
        "password": "p/w",
        "name": "chirp_data",
    }
    assert found["database.url"] == TOLD["db"]["DATABASE_URL"]


def test_a_data_set_is_meant_by_its_name_as_well(config: Config) -> None:
    found = placeholders.values(config, "north", 3, TOLD)
    assert found["bucket.media.name"] == found["bucket.name"] == "chirp-north-media"
    assert found["database.db.host"] == found["database.host"]


def test_an_application_without_a_bucket_has_no_placeholder_for_one(
    config: Config,
) -> None:
    without = {name: one for name, one in config.data.items() if name != "media"}
    config = config.model_copy(update={"data": without})
    assert not any(name.startswith("bucket") for name in placeholders.known(config))
