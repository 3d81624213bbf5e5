"""The holding page's text."""

from liferaft.edge.holding import MARKER, RETRY_SECONDS, holding_page


def test_the_page_says_what_it_is_and_for_whom() -> None:
    page = holding_page("chirp.test")
    assert MARKER in page
    assert "<title>chirp.test is moving</title>" in page
    assert f"every {RETRY_SECONDS} seconds" in page


def test_the_page_needs_nothing_from_elsewhere_and_fits_a_phone() -> None:
    page = holding_page("chirp.test")
    assert "width=device-width" in page
    assert not any(word in page for word in ("http://", "https://", "src=", "<link", "<script"))


def test_the_page_can_stand_between_backticks_in_a_caddyfile() -> None:
    assert not set("{}`") & set(holding_page("chirp.test"))
