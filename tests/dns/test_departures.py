"""When the name left an address is known until the address is given away."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from liferaft.config import VaultConfig, VaultCredentials
from liferaft.dns.departures import Departure, departures, note
from liferaft.vault import Damaged, Vault, layout, open_vault

ADDRESS = "192.0.2.7"
THEN = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    tmp_path.joinpath("vault").mkdir()
    told = VaultConfig(url=f"file://{tmp_path}/vault")
    return open_vault("main", told, VaultCredentials(), prefix="chirp")


def test_each_vendor_is_left_at_its_own_time_and_the_last_one_counts(vault: Vault) -> None:
    first, second = Departure(ADDRESS, "one", THEN, 60), Departure(ADDRESS, "two", THEN, 3600)
    note(vault, first)
    note(vault, second)
    note(vault, Departure("192.0.2.8", "one", THEN, 60))
    assert departures(vault, ADDRESS) == (first, second)
    assert second.until == THEN + timedelta(hours=1)


def test_a_later_departure_takes_the_place_of_an_earlier_one(vault: Vault) -> None:
    note(vault, Departure(ADDRESS, "one", THEN, 60))
    later = Departure(ADDRESS, "one", THEN + timedelta(days=2), 60)
    note(vault, later)
    assert departures(vault, ADDRESS) == (later,)


def test_an_address_that_the_name_never_left_has_no_departure(vault: Vault) -> None:
    assert departures(vault, ADDRESS) == ()


def test_a_damaged_note_says_what_to_wait_for(vault: Vault, tmp_path: Path) -> None:
    note(vault, Departure(ADDRESS, "one", THEN, 60))
    (file,) = (tmp_path / "vault").rglob("one.json")
    file.write_bytes(file.read_bytes().replace(b"60", b"61"))
    with pytest.raises(Damaged, match=layout.departure(ADDRESS, "one")) as caught:
        departures(vault, ADDRESS)
    assert "was not given away" in caught.value.facts.safe
    assert "TTL" in caught.value.facts.do
