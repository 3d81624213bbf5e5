"""A database with extensions is restored only where their packages are."""

from liferaft.data.postgres.extensions import differences
from liferaft.data.postgres.platform import Platform

KEPT = {"postgresql-17-pgvector": "0.8.0-1", "postgresql-17-postgis-3": "3.5.2+dfsg-1"}


def test_the_same_packages_and_later_ones_will_do() -> None:
    assert differences(KEPT, KEPT) == ()
    assert differences(KEPT, {**KEPT, "postgresql-17-pgvector": "1:0.10.0-1~deb13u1"}) == ()
    assert differences(KEPT, {**KEPT, "postgresql-17-pgvector": "0.8.0-1~bpo"}) == ()
    assert differences({}, {}) == ()


def test_one_that_is_missing_or_earlier_is_named() -> None:
    (missing,) = differences(KEPT, {"postgresql-17-pgvector": "0.8.0-1"})
    assert missing == "postgresql-17-postgis-3 3.5.2+dfsg-1 is not installed"
    (earlier,) = differences(KEPT, {**KEPT, "postgresql-17-pgvector": "0.7.9-2"})
    assert earlier == "postgresql-17-pgvector was 0.8.0-1, here it is 0.7.9-2"


def test_a_platform_with_packages_is_still_one() -> None:
    kept = Platform("debian 13", "x86_64", "glibc 2.41", "17")
    assert Platform.from_json({**kept.to_json(), "packages": KEPT}) == kept
