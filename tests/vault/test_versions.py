"""What a store keeps of the past is listed whole."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from tests.seaweed import FIRST, seaweed

from liferaft.vault.versions import Versions

BACKUPS = "chirp/state/.pulumi/backups/chirp"
MANY = 600
"""Of two folders more than a page of a listing has."""


@pytest.mark.proof
def test_of_a_vault_with_many_versions_none_is_left_out_whatever_its_folders_are_called() -> None:
    """SeaweedFS leaves out all of a site whose name another one's begins with, where it is asked
    for everything at once: nobody would see what a thief had done there."""
    sites = ("aws-east", "aws-east-drill", "aws-east.old")
    keys = {f"{BACKUPS}/{site}/{number:06}.json" for site in sites for number in range(MANY)}
    with seaweed() as store, ThreadPoolExecutor(8) as pool:
        s3 = store.client()
        versioning = {"Status": "Enabled"}
        s3.put_bucket_versioning(Bucket=FIRST, VersioningConfiguration=versioning)
        list(pool.map(lambda key: s3.put_object(Bucket=FIRST, Key=key, Body=b"was"), keys))
        gone = {key for key in keys if "/aws-east-drill/" in key}
        list(pool.map(lambda key: s3.delete_object(Bucket=FIRST, Key=key), gone))
        kept = Versions("main", FIRST, "chirp/", store.account)
        found = kept.before(datetime.now(UTC) + timedelta(hours=1))
    assert {f"chirp/{key}" for key in found} == keys
    assert {f"chirp/{key}" for key, past in found.items() if not past.is_there} == gone
