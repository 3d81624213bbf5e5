"""Names that roles and databases of an application may have, and how rules name them."""

import pytest

from liferaft.data.postgres.names import in_rules, unusable


@pytest.mark.parametrize("name", ["n8n", "Flux", "my-app_1", "a.b", "0day", "x" * 63])
def test_names_of_real_applications_are_taken(name: str) -> None:
    assert not unusable("role", name)
    assert not unusable("database", name)


@pytest.mark.parametrize(
    "name", ["", "a b", 'a"b', "a=b", "postgresql://x", "-d", "é", "pg_x", "x" * 64, "postgres"]
)
def test_names_that_mean_something_else_are_refused(name: str) -> None:
    assert unusable("role", name)
    assert unusable("database", name)


def test_words_of_rules_are_names_in_quotes() -> None:
    assert in_rules("chirp") == "chirp"
    assert in_rules("all") == '"all"'
    assert in_rules("Flux") == '"Flux"'
