"""The holding page's text."""

import pytest

from liferaft.edge.holding import RETRY_SECONDS, Notice, holding_page


@pytest.mark.parametrize("notice", Notice)
def test_the_page_says_what_it_is_and_for_whom(notice: Notice) -> None:
    page = holding_page("chirp.test", notice)
    assert 'data-liferaft="holding"' in page
    assert "<title>chirp.test is " in page
    assert f"every {RETRY_SECONDS} seconds" in page


def test_only_users_of_an_app_that_moves_are_told_of_another_provider() -> None:
    told = {notice: holding_page("chirp.test", notice) for notice in Notice}
    assert len(set(told.values())) == len(Notice)
    assert [notice for notice, page in told.items() if "provider" in page] == [Notice.MOVING]
    assert [notice for notice, page in told.items() if "being started" in page] == [Notice.STARTING]


@pytest.mark.parametrize("notice", Notice)
def test_the_page_needs_nothing_from_elsewhere_and_fits_a_phone(notice: Notice) -> None:
    page = holding_page("chirp.test", notice)
    assert "width=device-width" in page
    assert not any(word in page for word in ("http://", "https://", "src=", "<link", "<script"))
