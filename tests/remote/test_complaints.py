"""What programs complain of in their last words, told in ours."""

import pytest

from liferaft.remote.complaints import complaint

RCLONE = "Failed to copy: {code}: no\n\tstatus code: {status}, request id: , host id:"
PGBACKREST = (
    "ERROR: [039]: HTTP request failed with {status} (Forbidden):\n*** Response Content ***:\n"
    "<Error><Code>{code}</Code></Error>"
)
BUCKETS = "the vault answered {status} {code}: no"


@pytest.mark.parametrize("said", [RCLONE, PGBACKREST, BUCKETS])
@pytest.mark.parametrize(
    ("status", "code", "why", "do"),
    [
        (403, "RequestTimeTooSkewed", "clock is off", "timedatectl"),
        (507, "InsufficientStorage", "it is full", "snapshot prune"),
        (507, "", "it is full", "snapshot prune"),
        (400, "XMinioAdminBucketQuotaExceeded", "quota is used up", "snapshot prune"),
        (403, "QuotaExceeded", "quota is used up", "snapshot prune"),
        (403, "InvalidAccessKeyId", "refuses the key pair", "liferaft deploy"),
        (401, "", "refuses the key pair", "liferaft deploy"),
    ],
)
def test_what_a_store_answered_is_told_with_what_to_do(
    said: str, status: int, code: str, why: str, do: str
) -> None:
    found = complaint(said.format(status=status, code=code))
    assert found is not None
    assert why in found.why
    assert do in found.do


def test_a_server_error_is_known_by_its_number_alone() -> None:
    """As pgBackRest 2.45 tells those that it tried again."""
    found = complaint("repo1: [ServiceError] [507] Insufficient Storage")
    assert found is not None
    assert "it is full" in found.why


def test_a_full_disk_of_the_server_is_no_full_store() -> None:
    found = complaint("ERROR: [082]: unable to write: [28] No space left on device")
    assert found is not None
    assert found.why.startswith("The server's disk is full")


def test_half_a_block_that_was_written_is_a_full_disk_though_pgbackrest_tells_no_reason() -> None:
    said = "ERROR: [041]: unable to write '/var/lib/postgresql/17/main/base/1/2.pgbackrest.tmp'"
    found = complaint(f"{said}\n[FileWriteError] on 2 retries from 1-2ms: {said[14:]}")
    assert found is not None
    assert found.why.startswith("The server's disk is full")


@pytest.mark.parametrize(
    "said",
    [
        "timeout after 60000ms waiting for write to 's3.example.com:443'",
        "unable to write to local-1 process write: [32] Broken pipe",
    ],
)
def test_a_network_that_takes_no_more_is_no_full_disk(said: str) -> None:
    assert complaint(f"ERROR: [041]: {said}\n[FileWriteError] on retry after 9ms: {said}") is None


@pytest.mark.parametrize(
    "said",
    [
        "",
        "status code: 503",
        "request 403 of 5070 failed",
        "UTC [403] root@root FATAL:  no pg_hba.conf entry",
        "permission denied",
    ],
)
def test_what_nobody_knows_stays_the_programs_own(said: str) -> None:
    assert complaint(said) is None
