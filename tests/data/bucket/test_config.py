"""What liferaft.toml may say of a bucket."""

import pytest
from pydantic import ValidationError

from liferaft.data.bucket.config import BucketConfig

QUERY = "select object_key, id from uploads where id > $1"


def test_without_more_deleted_objects_are_kept_for_thirty_days_and_no_rows_are_read() -> None:
    told = BucketConfig.model_validate({"kind": "bucket"})
    assert (told.keep_deleted, told.references) == (30, ())


def test_one_query_may_stand_alone() -> None:
    told = BucketConfig.model_validate({"kind": "bucket", "references": QUERY})
    assert told.references == (QUERY,)
    both = BucketConfig.model_validate({"kind": "bucket", "references": [QUERY, f"with {QUERY}"]})
    assert len(both.references) == 2


@pytest.mark.parametrize(
    "query",
    [
        "select object_key, id from uploads",
        "delete from uploads where id > $1",
        f"{QUERY}; drop table uploads",
        f"{QUERY}\\! id",
        "",
    ],
)
def test_what_is_no_query_for_rows_beyond_a_value_is_refused(query: str) -> None:
    with pytest.raises(ValidationError, match=r"rows beyond \$1"):
        BucketConfig.model_validate({"kind": "bucket", "references": query})


def test_rows_are_read_where_there_is_a_database() -> None:
    told = BucketConfig.model_validate({"kind": "bucket", "references": QUERY})
    (finding,) = told.findings("media", {"data": {"media": told}})
    assert "no database" in finding.reason
