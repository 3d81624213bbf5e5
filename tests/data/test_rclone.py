"""Configurations of rclone."""

from dataclasses import replace

from liferaft.data.rclone import CryptSecrets, Sealed, obscured
from liferaft.site.reach import VaultAccess

VAULT = VaultAccess("main", "chirp-vault", "objects.test", 8443, "r", "key", "secret-key")
SEALED = Sealed(VAULT, CryptSecrets("the-password", "the-salt"))


def test_a_sealed_area_lies_under_its_epoch() -> None:
    config = SEALED.config("bucket", 2)
    assert "remote = main:chirp-vault/epoch-00000002/bucket\n" in config
    assert SEALED.path("bucket", 2, "media") == "sealed-main-00000002-bucket:media"
    assert "[sealed-main-00000002-bucket]" in config


def test_what_is_sealed_in_a_folder_of_the_host_has_the_seal_of_the_vault() -> None:
    """Its copy is what the vault's remote opens."""
    here, there = SEALED.config_of_folder("/srv/sealing"), SEALED.config("images", 1)
    assert "remote = /srv/sealing\n" in here
    secrets = [line for line in here.splitlines() if line.startswith("password")]
    assert len(secrets) == 2
    assert all(f"{line}\n" in there for line in secrets)


def test_with_each_object_goes_the_one_list_that_a_bucket_of_aws_takes() -> None:
    """Its lists are switched off; rclone 1.60 cannot leave them out."""
    aws = replace(VAULT, host="s3.eu-central-1.amazonaws.com", port=443)
    config = Sealed(aws, SEALED.seal).config("images", 1)
    assert "acl = bucket-owner-full-control\n" in config
    assert "acl = private\n" in SEALED.config("images", 1), "others know fewer of them"


def test_an_unchanged_configuration_is_an_unchanged_file() -> None:
    assert SEALED.config("images", 1) == SEALED.config("images", 1)
    assert obscured("one") != obscured("two")


def test_passwords_stand_in_no_configuration_and_no_repr_as_they_are() -> None:
    assert "the-password" not in SEALED.config("images", 1)
    assert "the-password" not in repr(SEALED)
    assert "secret-key" not in repr(SEALED)
