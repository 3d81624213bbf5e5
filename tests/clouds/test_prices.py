"""Price lists: each figure with its source and day."""

import re
from collections.abc import Iterator
from dataclasses import fields

import pytest

from liferaft.clouds.prices import NOT_KNOWN, Price
from liferaft.clouds.registry import CLOUDS

LISTS = {name: entry.prices for name, entry in CLOUDS.items()}


def figures() -> Iterator[object]:
    for cloud, prices in LISTS.items():
        for field in fields(prices):
            found = getattr(prices, field.name)
            if isinstance(found, Price):
                yield pytest.param(found, id=f"{cloud} {field.name}")


@pytest.mark.parametrize("price", list(figures()))
def test_a_figure_says_where_and_when_it_was_read(price: Price) -> None:
    assert re.search(r"https://|API", price.source)
    assert re.fullmatch(r"20\d\d(-\d\d-\d\d)?", price.read)
    assert price.amount >= 0


def test_clouds_that_sell_have_a_list_and_rented_machines_have_none() -> None:
    assert {name for name, prices in LISTS.items() if prices == NOT_KNOWN} == {"ssh"}
    assert LISTS["hetzner"].currency == "EUR"
