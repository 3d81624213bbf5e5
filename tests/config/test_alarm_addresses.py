"""Who is told of drills is named by variables; what cannot be used is told, and stops nothing."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.loading import load

from liferaft.config import Config, ConfigInvalid
from liferaft.config.alarm_addresses import alarm_addresses

Written = Callable[[str], Path]
SECRET = "json://user:4f1c@chat.example/5ecret"
TOLD = """
[notify]
urls = ["env/CHAT", "env/MAIL"]

[drill]
every = {two = "7d"}
ping = "env/SWITCH"
"""


@pytest.fixture
def config(written: Written, valid: str) -> Config:
    return load(written(valid + TOLD))


def test_all_that_are_set_are_told(config: Config) -> None:
    environ = {"CHAT": SECRET, "MAIL": "mailto://x", "SWITCH": "https://hc.example/4f1c"}
    found = alarm_addresses(config, environ)
    assert {name: url.get_secret_value() for name, url in found.urls.items()} == {
        "CHAT": SECRET,
        "MAIL": "mailto://x",
    }
    assert found.ping
    assert (found.ping[0], found.flaws) == ("SWITCH", {})


def test_what_cannot_be_used_is_named_and_the_others_are_told_all_the_same(config: Config) -> None:
    environ = {"CHAT": SECRET, "MAIL": " 4f1c", "SWITCH": "http://hc.example/4f1c"}
    found = alarm_addresses(config, environ)
    assert list(found.urls) == ["CHAT"]
    assert found.ping is None
    assert found.flaws == {
        "MAIL": "it begins or ends with a blank",
        "SWITCH": "it is no https URL",
    }
    assert "4f1c" not in repr(found)
    assert alarm_addresses(config, {}).flaws == dict.fromkeys(
        ("CHAT", "MAIL", "SWITCH"), "it is not set"
    )


def test_without_the_tables_nobody_is_told(written: Written, valid: str) -> None:
    found = alarm_addresses(load(written(valid)), {"CHAT": SECRET})
    assert (found.urls, found.ping, found.flaws) == ({}, None, {})


@pytest.mark.parametrize(
    "table",
    [f'[notify]\nurls = ["{SECRET}"]', f'[drill]\nping = "{SECRET}"'],
)
def test_an_address_that_stands_in_the_file_is_refused_and_not_repeated(
    written: Written, valid: str, table: str
) -> None:
    with pytest.raises(ConfigInvalid) as told:
        load(written(f"{valid}\n{table}\n"))
    assert "env/NAME" in str(told.value.facts)
    assert "5ecret" not in str(told.value.facts)


def test_the_same_goes_for_the_switch_of_snapshots(written: Written, valid: str) -> None:
    with pytest.raises(ConfigInvalid) as told:
        load(written(f'{valid}\n[snapshots]\nevery = "1d"\nping = "{SECRET}"\n'))
    assert "5ecret" not in str(told.value.facts)


def test_a_drill_is_overdue_once_one_in_time_would_have_come_to_its_end(config: Config) -> None:
    assert config.drill.overdue_after("two") == timedelta(days=7, hours=1 + 2)
    assert config.drill.overdue_after("one") is None
    assert config.drill.overdue_after("two", data_only=True) is None


@pytest.mark.parametrize("key", ["every", "data_every"])
@pytest.mark.parametrize(
    ("every", "why"),
    [
        ('{three = "7d"}', "there is no site three"),
        ('{two = "weekly"}', "no span such as 24h or 7d"),
        ('{two = "0d"}', "no span"),
        ('"7d"', "not valid here"),
    ],
)
def test_what_is_no_site_or_no_span_is_told(
    written: Written, valid: str, key: str, every: str, why: str
) -> None:
    with pytest.raises(ConfigInvalid) as told:
        load(written(f"{valid}\n[drill]\n{key} = {every}\n"))
    assert why in str(told.value.facts)
