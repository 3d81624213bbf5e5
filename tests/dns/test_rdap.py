"""What a registry says of a domain is believed where it says it, and nothing is made of silence."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from tests.registry import RegistryModel, registry

from liferaft.dns.rdap import (
    NoRegistry,
    NotRegistered,
    Registration,
    RegistryFailed,
    registration_of,
)

END = datetime(2027, 6, 1, 4, 0, tzinfo=UTC)
SAID = "2027-06-01T04:00:00Z"


@pytest.fixture
def there() -> Iterator[RegistryModel]:
    with registry() as model:
        yield model


def test_the_registry_that_ianas_table_names_says_when_a_domain_ends(there: RegistryModel) -> None:
    there.has("chirp.dev", "active", registration="2020-01-01T00:00:00Z", expiration=SAID)
    found = there.registries.registration("chirp.dev")
    assert found == Registration("chirp.dev", END, frozenset({"active"}))
    assert there.asked == ["chirp.dev"]


def test_a_zone_inside_a_domain_is_asked_for_as_what_it_lies_in(there: RegistryModel) -> None:
    """One registry knows no such name, another one refuses to look."""
    there.has("chirp.dev", expiration=SAID)
    assert there.registries.registration("app.chirp.dev").name == "chirp.dev"
    assert there.registries.registration("eu.app.chirp.dev").name == "chirp.dev"


def test_the_most_precise_entry_of_the_table_counts_and_its_second_address_if_the_first_is_dead(
    there: RegistryModel,
) -> None:
    there.has("chirp.co.uk", expiration=SAID)
    assert there.registries.registration("chirp.co.uk").ends == END


def test_a_registry_that_moved_is_followed(there: RegistryModel) -> None:
    there.has("chirp.dev", expiration=SAID)
    there.domains["at-home.dev"] = there.domains["chirp.dev"]
    there.moved["chirp.dev"] = "/registry/domain/at-home.dev"
    assert there.registries.registration("chirp.dev").ends == END


def test_a_registry_that_leads_in_a_circle_is_given_up(there: RegistryModel) -> None:
    there.moved["chirp.dev"] = "/registry/domain/chirp.dev"
    with pytest.raises(RegistryFailed, match="TooManyRedirects"):
        there.registries.registration("chirp.dev")
    assert len(there.asked) < 10


def test_a_top_level_domain_without_rdap_is_nobodys_to_ask(there: RegistryModel) -> None:
    with pytest.raises(NoRegistry, match=r"no registry of \.at"):
        there.registries.registration("chirp.at")
    assert there.asked == []


def test_a_name_that_nobody_registered_is_told_as_that(there: RegistryModel) -> None:
    with pytest.raises(NotRegistered, match=r"registry of dev has no registration of chirp\.dev"):
        there.registries.registration("chirp.dev")


def test_who_asks_too_often_is_told_when_to_come_back(there: RegistryModel) -> None:
    there.patience = 0
    with pytest.raises(RegistryFailed, match="HTTP status 429") as refused:
        there.registries.registration("chirp.dev")
    assert refused.value.facts.do == "Ask again in 120 s."


def test_a_registry_that_does_not_say_when_it_ends_leaves_it_open(there: RegistryModel) -> None:
    there.has("chirp.dev", "active", last_changed=SAID)
    assert there.registries.registration("chirp.dev").ends is None
    there.has("chirp.dev", expiration="when the stars fall")
    assert there.registries.registration("chirp.dev").ends is None


def test_the_earlier_end_counts_where_registry_and_registrar_differ(there: RegistryModel) -> None:
    there.has("chirp.dev", expiration="2028-06-01T04:00:00Z", registrar_expiration=SAID)
    assert there.registries.registration("chirp.dev").ends == END


def test_an_answer_that_trickles_in_is_given_up_in_time(there: RegistryModel) -> None:
    there.has("chirp.dev", expiration=SAID)
    there.drips = 0.01
    began = time.monotonic()
    with pytest.raises(RegistryFailed, match=r"did not end within 0\.5 s"):
        there.registries.registration("chirp.dev", seconds=0.5)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("table", "match"),
    [
        (b"<html>", "cannot be read"),
        ([], "no object"),
        ({}, "table cannot be read"),
        ({"services": [["dev"]]}, "table cannot be read"),
        ({"services": [[["dev"], ["http://127.0.0.1:9/"]]]}, "does not answer"),
    ],
)
def test_what_is_no_table_is_told_and_nothing_is_made_of_it(
    there: RegistryModel, table: object, match: str
) -> None:
    there.table = table
    with pytest.raises(RegistryFailed, match=match):
        there.registries.registration("chirp.dev")


def test_an_answer_about_another_name_is_not_believed() -> None:
    about = {"objectClassName": "domain", "ldhName": "other.dev"}
    for said in (about, {"objectClassName": "entity"}, {"errorCode": 404}):
        with pytest.raises(RegistryFailed, match=r"not about chirp\.dev"):
            registration_of(said, "chirp.dev")


def test_statuses_are_read_in_either_spelling() -> None:
    said = {"objectClassName": "domain", "status": ["clientHold", "pending delete"]}
    assert registration_of(said, "chirp.dev").statuses == {"client hold", "pending delete"}


def test_parts_of_an_answer_that_are_not_as_they_should_be_are_left_out() -> None:
    said = {"objectClassName": "domain", "status": "active", "events": [None, {"eventAction": 1}]}
    assert registration_of(said, "chirp.dev") == Registration("chirp.dev", None)
