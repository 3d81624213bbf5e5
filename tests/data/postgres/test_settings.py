"""Settings of PostgreSQL that an application may have of its own."""

import pytest

from liferaft.data.postgres.settings import libraries, lifted, quoted, rows, unsettable


@pytest.mark.parametrize("name", ["shared_buffers", "max_connections", "pg_stat_statements.max"])
def test_what_makes_a_database_faster_is_the_applications(name: str) -> None:
    assert not unsettable(name, "100")


@pytest.mark.parametrize(
    "name",
    ["archive_command", "wal_level", "listen_addresses", "recovery_target_time", "a b", "x;"],
)
def test_what_brings_it_back_or_is_none_is_not(name: str) -> None:
    assert unsettable(name, "1")


def test_a_value_cannot_end_its_line() -> None:
    assert unsettable("work_mem", "1MB'\nfsync = off")
    assert quoted("it's \\n") == "'it''s \\\\n'"
    assert rows({"b": "2", "a": "1"}) == "a = '1'\nb = '2'\n"


CONTROL = """\
wal_level setting:                    replica
max_connections setting:              200
max_worker_processes setting:         8
max_prepared_xacts setting:           5
"""


def test_a_copy_starts_with_what_its_primary_had_where_that_was_more() -> None:
    assert lifted({}, CONTROL) == {"max_connections": "200", "max_prepared_transactions": "5"}
    asked = {"max_connections": "300", "max_prepared_transactions": "5"}
    assert lifted(asked, CONTROL) == {}
    assert lifted({"max_connections": "150"}, CONTROL)["max_connections"] == "200"


def test_libraries_are_named_as_files_are() -> None:
    assert libraries({"shared_preload_libraries": 'a, "b.so"'}) == ("a", "b")
    assert libraries({}) == ()
