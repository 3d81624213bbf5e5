"""Configurations and statistics of rclone."""

from liferaft.data.contract import VaultAccess
from liferaft.data.rclone import Seal, Sealed, last_stats, obscured, progress_of

VAULT = VaultAccess("main", "chirp-vault", "objects.test", 8443, "r", "key", "secret-key")
SEALED = Sealed(VAULT, Seal("the-password", "the-salt"))


def test_a_sealed_area_lies_under_its_epoch() -> None:
    config = SEALED.config("bucket", 2)
    assert "remote = main:chirp-vault/epoch-00000002/bucket\n" in config
    assert SEALED.path("bucket", 2, "media") == "sealed-main-00000002-bucket:media"
    assert "[sealed-main-00000002-bucket]" in config


def test_an_unchanged_configuration_is_an_unchanged_file() -> None:
    assert SEALED.config("images", 1) == SEALED.config("images", 1)
    assert obscured("one") != obscured("two")


def test_passwords_stand_in_no_configuration_and_no_repr_as_they_are() -> None:
    assert "the-password" not in SEALED.config("images", 1)
    assert "the-password" not in repr(SEALED)
    assert "secret-key" not in repr(SEALED)


def test_the_newest_whole_statistics_count() -> None:
    log = (
        '{"level":"warning","msg":"a","stats":{"transfers":3,"bytes":10}}\n'
        '{"level":"error","msg":"b"}\n'
        '{"level":"warning","msg":"a","stats":{"transfers":5,"bytes":20}}\n'
        '{"level":"warning","msg":"a","stats":{"transf'
    )
    assert last_stats(log) == {"transfers": 5, "bytes": 20}
    assert last_stats("") == {}


def test_a_copy_runs_has_finished_or_has_failed() -> None:
    stats = {"transfers": 5, "bytes": 20, "totalTransfers": 9, "totalBytes": 40, "errors": 1}
    running = progress_of(stats, unit="ActiveState=active\nResult=success\n")
    assert (running.running, running.finished, running.failed) == (True, False, False)
    assert (running.objects, running.total_objects, running.errors) == (5, 9, 1)
    assert progress_of(stats, unit="ActiveState=inactive\nResult=success\n").finished
    failed = progress_of(stats, unit="ActiveState=failed\nResult=exit-code\n")
    assert failed.failed
    assert not failed.finished
    waiting = progress_of(stats, unit="ActiveState=activating\nResult=exit-code\n")
    assert waiting.running
