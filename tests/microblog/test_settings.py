"""The environment that liferaft gives the application."""

import pytest

from liferaft_stacks.microblog.app.settings import SettingsMissing, settings_from

ENVIRONMENT = {
    "LIFERAFT_SITE": "aws-east",
    "LIFERAFT_EPOCH": "7",
    "DATABASE_URL": "postgresql://chirp:db-secret@10.0.0.2:5432/chirp",
    "S3_ENDPOINT": "https://s3.aws.test:8443",
    "S3_REGION": "us-east-1",
    "S3_BUCKET": "chirp-media",
    "S3_ACCESS_KEY_ID": "key",
    "S3_SECRET_ACCESS_KEY": "s3-secret",
    "APP_SECRET_KEY": "app-secret",
}


def test_the_epoch_is_a_number_and_the_ca_file_may_be_absent() -> None:
    settings = settings_from(ENVIRONMENT)
    assert settings.epoch == 7
    assert settings.bucket.ca_file is None


def test_every_missing_variable_is_named_at_once() -> None:
    with pytest.raises(SettingsMissing, match=r"lacks LIFERAFT_SITE, APP_SECRET_KEY\."):
        settings_from({**ENVIRONMENT, "LIFERAFT_SITE": "", "APP_SECRET_KEY": ""})


def test_settings_can_be_shown_without_their_secrets() -> None:
    assert "secret'" not in repr(settings_from(ENVIRONMENT))
    assert "db-secret" not in repr(settings_from(ENVIRONMENT))
