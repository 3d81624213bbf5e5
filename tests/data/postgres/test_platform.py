"""Which servers a database's files may be restored to."""

from dataclasses import replace

import pytest

from liferaft.data.failures import OtherPlatform
from liferaft.data.postgres.platform import Platform, differences, require_same

PRIMARY = Platform("debian 12", "x86_64", "glibc 2.36", "15", "libc C.UTF-8")
BARE = replace(PRIMARY, collations="")


def test_the_same_platform_takes_the_files() -> None:
    require_same(PRIMARY.to_json(), BARE)


@pytest.mark.parametrize(
    ("other", "word"),
    [
        (replace(BARE, postgresql="16"), "PostgreSQL was 15, here it is 16"),
        (replace(BARE, architecture="aarch64"), "architecture was x86_64, here it is aarch64"),
        (replace(BARE, system="debian 13"), "system was debian 12, here it is debian 13"),
    ],
)
def test_another_platform_is_refused_before_anything_is_restored(
    other: Platform, word: str
) -> None:
    with pytest.raises(OtherPlatform, match=word) as refused:
        require_same(PRIMARY.to_json(), other)
    assert refused.value.facts.safe.startswith("Nothing was restored")


def test_another_c_library_is_refused_if_it_orders_text() -> None:
    newer = replace(BARE, libc="glibc 2.41")
    german = replace(PRIMARY, collations="libc C.UTF-8, libc de_DE.UTF-8")
    assert differences(german, newer) == (
        "C library, which orders text, was glibc 2.36, here it is glibc 2.41",
    )


@pytest.mark.parametrize("collations", ["libc C", "libc C.UTF-8", "icu und 153.120", ""])
def test_another_c_library_is_harmless_if_it_does_not_order_text(collations: str) -> None:
    kept = replace(PRIMARY, collations=collations)
    assert differences(kept, replace(BARE, libc="glibc 2.41")) == ()
