from itertools import combinations

from liferaft_sandbox.addresses import NAMES, PLACES, uplink


def test_no_two_ranges_or_links_overlap() -> None:
    networks = [network for place in PLACES.values() for network in (place.range, place.link)]
    networks += [uplink(0), uplink(1), uplink(16383)]
    assert not [(a, b) for a, b in combinations(networks, 2) if a.overlaps(b)]


def test_every_address_of_a_place_is_in_its_range() -> None:
    for place in PLACES.values():
        assert all(_within(address, place.name) for address in place.addresses)


def test_every_name_leads_to_an_address_that_some_place_answers_at() -> None:
    answered = {address for place in PLACES.values() for address in place.addresses}
    assert set(NAMES.values()) <= answered


def _within(address: str, place: str) -> bool:
    return address in map(str, PLACES[place].range.hosts())
