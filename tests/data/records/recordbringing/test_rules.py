"""What keys mean to the program of servers is what they mean to commands."""

import pytest
from tests.vault.test_layout import WRITTEN

from liferaft.data.records.recordbringing import rules
from liferaft.vault import layout

KEYS = sorted(
    {key.replace("RUN", "a") for keys in WRITTEN.values() for key in keys}
    | {
        *("runs/a/000001.json", "runs/a/report.html", "drills/runs/a/000001.json"),
        *("drills/begun/a.json", "epoch-00000001/secrets.age", "lease/00000001", "epoch/00000001"),
        *("pins/east/db-1.json", "machine-images/east.json", "departures/192.0.2.1/aws.json"),
    }
)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_means_the_same_to_both(key: str) -> None:
    assert rules.is_claim(key) == layout.is_claim(key)
    assert rules.is_history(key) == layout.is_history(key)
    assert rules.is_forgotten(key) == layout.is_forgotten(key)
    assert rules.is_link(key) == layout.is_link(key)


def test_the_same_folders_are_none_of_records() -> None:
    assert set(layout.NO_RECORDS) == rules.NO_RECORDS
    assert set(layout.KEPT_BY_HOSTS) == rules.KEPT_BY_HOSTS


def test_nothing_lasts_that_pruning_takes_away() -> None:
    assert rules.is_lasting("epoch-00000001/secrets.age", "00000001")
    assert not rules.is_lasting("epoch-00000001/points/p.json", "00000001")
    assert not rules.is_lasting("epoch-00000001/parts/p/x.json", "00000001")
