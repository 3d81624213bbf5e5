"""What users have seen is told as far as the journal knows it, and no further."""

from tests.evidence.runs import ABOUT, FAILOVER, Written

from liferaft.evidence.users_view import users_view
from liferaft.journal import read_run
from liferaft.vault import Vault


def test_users_of_a_failover_are_led_over_wait_and_are_served(
    vault: Vault, journal: Written
) -> None:
    seen = users_view(read_run(vault, journal(FAILOVER, about=ABOUT)))
    assert seen is not None
    assert (seen.name_moved, seen.holding_from, seen.good_from) == (3.5, 12.5, 40.0)
    led, page, good = seen.sentences
    assert led.startswith("The name led to north from 14:00:03 UTC (3.5 s) on. Resolvers")
    assert "for 60 s more" in led
    assert page.endswith(
        "the holding page from 14:00:12 UTC (12.5 s) until 14:00:40 UTC (40 s): for 27.5 s."
    )
    assert good == "The first good answer of the application came at 14:00:40 UTC (40 s)."


def test_a_failover_that_stopped_says_that_no_end_of_the_page_is_known(
    vault: Vault, journal: Written
) -> None:
    seen = users_view(read_run(vault, journal(FAILOVER[:6])))
    assert seen is not None
    assert "and no end of it is known" in seen.sentences[1]
    assert seen.sentences[2] == "The application has given no good answer in this run."
    assert "Resolvers" not in seen.sentences[0], "the TTL is in no journal of an earlier version"


def test_a_failover_that_came_to_nothing_moved_nobody(vault: Vault, journal: Written) -> None:
    seen = users_view(read_run(vault, journal(FAILOVER[:2])))
    assert seen is not None
    assert seen.sentences[:2] == (
        "The name was not moved: users were led where it pointed before.",
        "No holding page was shown at north.",
    )


def test_users_saw_nothing_of_a_drill_and_it_says_what_they_would_have_seen(
    vault: Vault, journal: Written
) -> None:
    drill = {"move": "drill", "site": "north-drill", "standby": "north"}
    seen = users_view(read_run(vault, journal(FAILOVER, **drill)))
    assert seen is not None
    nothing, would = seen.sentences
    assert nothing == "Users saw nothing of this drill."
    assert would == (
        "In a failover whoever came to north would have seen the holding page from 12.5 s on, and "
        "the application after 40 s."
    )


def test_a_deploy_claims_nothing_of_an_interruption(vault: Vault, journal: Written) -> None:
    seen = users_view(read_run(vault, journal(FAILOVER, move="deploy")))
    assert seen is not None
    assert "the journal of this move does not tell" in seen.sentences[0]
    assert seen.holding_from is None


def test_a_snapshot_is_nothing_to_users(vault: Vault, journal: Written) -> None:
    assert users_view(read_run(vault, journal(FAILOVER[:2], move="snapshot"))) is None
