"""What a Compose file starts PostgreSQL with."""

import pytest

from liferaft.data.postgres.startup import NotStarted, initdb_locale, settings_of


@pytest.mark.parametrize(
    "command",
    [
        ["postgres", "-c", "a.b=1", "-c", "work_mem = 4MB"],
        ["-ca.b=1"],
        ["--a.b=1"],
        ["docker-entrypoint.sh", "postgres", "-c", "A.b=1"],
    ],
)
def test_a_setting_is_found_in_each_way_in_which_it_is_written(command: list[str]) -> None:
    if "work_mem = 4MB" in command:
        with pytest.raises(NotStarted, match="sets nothing"):
            settings_of(command)
    else:
        assert settings_of(command) == {"a.b": "1"}


def test_a_command_that_says_nothing_sets_nothing() -> None:
    assert settings_of([]) == settings_of(["postgres"]) == {}


@pytest.mark.parametrize(
    ("arguments", "locale"),
    [
        ("", None),
        ("--data-checksums --encoding=UTF-8 --auth-host=scram-sha-256", None),
        ("--locale=de_DE.utf8 -E UTF8", "de_DE.utf8"),
        ("--locale C -k", "C"),
    ],
)
def test_the_locale_is_found_beside_what_does_not_matter(
    arguments: str, locale: str | None
) -> None:
    assert initdb_locale(arguments) == locale


@pytest.mark.parametrize("arguments", ["--encoding=LATIN1", "--wal-segsize=64", "it's"])
def test_what_no_database_is_made_with_is_refused(arguments: str) -> None:
    with pytest.raises(NotStarted):
        initdb_locale(arguments)
