"""The order of texts that a database is made with."""

import pytest

from liferaft.data.postgres.locale import clause, is_same, packages, unusable


def test_only_what_the_c_library_orders_needs_a_package() -> None:
    assert packages("en_US.UTF-8") == packages("de_DE.utf8") == ("locales-all",)
    assert packages(None) == packages("C") == packages("C.UTF-8") == packages("icu:de-DE") == ()


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8", "C.utf8", "en_US.utf8", "icu:und"])
def test_a_database_is_made_with_each_of_these(locale: str) -> None:
    assert not unusable(locale)
    assert "%L" in clause(locale)[0]


@pytest.mark.parametrize("locale", ["en_US", "de_DE.ISO-8859-1", "icu:", "x' owner y", ""])
def test_and_with_none_of_these(locale: str) -> None:
    assert unusable(locale)


def test_a_locale_is_the_same_however_it_is_spelt() -> None:
    libc = {"provider": "c", "libc": "en_US.utf8", "icu": None}
    assert is_same("en_US.UTF-8", libc)
    assert not is_same("de_DE.UTF-8", libc)
    assert not is_same("icu:en-US", libc)
    icu = {"provider": "i", "libc": "C.UTF-8", "icu": "de-DE"}
    assert is_same("icu:de-DE", icu)
    assert not is_same("C.UTF-8", icu)
