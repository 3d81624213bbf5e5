"""The parts of the database's address, under the application's own names."""

from liferaft.data.postgres.database_url import KEYS, parts_of


def test_each_part_is_what_the_address_says_as_a_person_would_write_it() -> None:
    url = "postgresql://app:p%40ss@10.0.0.5:6432/app%2Ddata"
    assert parts_of(url) == {
        "host": "10.0.0.5",
        "port": "6432",
        "user": "app",
        "password": "p@ss",
        "name": "app-data",
        "url": url,
    }


def test_every_key_stands_for_something_where_the_port_goes_without_saying() -> None:
    parts = parts_of("postgresql://app:secret@db.test/app")
    assert parts.keys() == set(KEYS)
    assert parts["port"] == "5432"
