"""A mark stands for a secret until a server is told its value."""

import pytest

from liferaft.compose.secret_marks import filled, mark, marked, names_in


def test_a_value_takes_the_place_of_its_mark_and_of_nothing_else() -> None:
    text = f"postgres://app:{mark('DB_PASSWORD')}@db/{mark('name.of-db')} $DB_PASSWORD"
    assert names_in(text) == ("DB_PASSWORD", "name.of-db")
    values = {"DB_PASSWORD": "a$b\\1", "name.of-db": "app"}
    assert filled(text, values) == "postgres://app:a$b\\1@db/app $DB_PASSWORD"


def test_a_secret_without_a_value_is_never_told_as_its_mark() -> None:
    with pytest.raises(KeyError):
        filled(mark("KEY"), {})


def test_a_value_that_looks_like_a_mark_is_not_filled_in_again() -> None:
    assert filled(mark("A"), {"A": mark("B"), "B": "two"}) == mark("B")


def test_liferaft_toml_names_declared_secrets_and_all_else_in_braces_stays() -> None:
    text = "smtp://${MAIL}:${mail.key}@x/$MAIL/${OTHER}/$${liferaft:site}"
    found = marked(text, ("MAIL", "mail.key"))
    assert names_in(found) == ("MAIL", "mail.key")
    values = {"MAIL": "a", "mail.key": "b"}
    assert filled(found, values) == "smtp://a:b@x/$MAIL/${OTHER}/$${liferaft:site}"
