"""What tables hold, in a few digits: what differs is told by name, and nothing of it by the key."""

import pytest

from liferaft.data.postgres.digests import questions
from liferaft.data.postgres.pointtaking.finding import (
    differing_tables,
    key_of_point,
    sum_of_rows,
)

KEPT = {
    "public.post": {"percent": 100, "rows": 3, "digest": "7"},
    "public.user": {"percent": 100, "rows": 2, "digest": "9"},
}


def test_the_same_tables_differ_in_nothing() -> None:
    assert differing_tables(KEPT, KEPT) == ()
    assert sum_of_rows(KEPT) == 5


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"public.post": KEPT["public.post"]}, "table public.user is not there"),
        ({**KEPT, "other.x": KEPT["public.user"]}, "table other.x was not there"),
        (
            {**KEPT, "public.user": {"percent": 100, "rows": 1, "digest": "4"}},
            "table public.user has 1 rows of 2",
        ),
        (
            {**KEPT, "public.user": {"percent": 100, "rows": 2, "digest": "8"}},
            "rows of table public.user hold something else",
        ),
    ],
)
def test_what_differs_is_told_by_table(found: dict[str, dict[str, object]], said: str) -> None:
    assert differing_tables(KEPT, found) == (said,)


def test_each_point_has_a_key_of_its_own_that_only_the_secret_gives() -> None:
    keys = {key_of_point(secret, point) for secret in ("a", "b") for point in ("1", "2")}
    assert len(keys) == 4
    assert key_of_point("a", "1") == key_of_point("a", "1")


def test_names_of_tables_end_no_quotes_of_psql() -> None:
    text = questions("00", {'public."it\'s \\ here"': 50.0})
    assert r"""\set percents '{"public.\\"it''s \\\\ here\\"": 50.0}'""" in text
