"""What restic says: damage of what lies in a vault is told apart from a broken way to it."""

import pytest

from liferaft.data.volume.volumekeeping.restic import ResticRepository, is_damage
from liferaft.data.volume.volumekeeping.task import VolumeVault

VAULT = VolumeVault(
    "main", "h", 443, "s3:https://h:443/b/chirp/", "r", "the-key", "main:b/chirp/", ("rclone",)
)


@pytest.mark.parametrize(
    "said",
    [
        "decrypting blob <data/2d711642> from c6b81941 failed: ciphertext verification failed",
        "Load(<data/c6b819>) failed: The specified key does not exist.",
        "unable to open config file: Stat: The specified key does not exist.",
    ],
)
def test_what_is_not_as_it_was_written_is_damage(said: str) -> None:
    assert is_damage(said)


@pytest.mark.parametrize(
    "said",
    [
        "unable to open config file: Stat: dial tcp 10.0.0.1:443: connect: connection refused",
        "Load(<data/c6b819>) failed: unexpected EOF: read tcp: connection reset by peer",
        "write /var/lib/x: no space left on device",
        "Get: x509: certificate signed by unknown authority",
    ],
)
def test_a_way_that_is_broken_is_none_and_no_older_snapshot_takes_its_place(said: str) -> None:
    assert not is_damage(said)


def test_secrets_are_not_shown() -> None:
    repository = ResticRepository(VAULT, "epoch-00000001/volume/files", "the-password")
    assert "the-password" not in repr(repository)
