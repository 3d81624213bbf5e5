"""What an answer is."""

import pytest

from liferaft_sandbox.users.recognise import content_in, form_token, is_holding_page

HOLDING = '<!doctype html><html data-liferaft="holding"><h1>We are moving</h1>'


def test_a_holding_page_is_503_with_retry_after_and_its_marker() -> None:
    assert is_holding_page(503, {"Retry-After": "15"}, HOLDING)


@pytest.mark.parametrize(
    ("status", "headers", "text"),
    [
        (503, {}, HOLDING),
        (503, {"Retry-After": "15"}, "<h1>Sorry</h1>"),
        (200, {"Retry-After": "15"}, HOLDING),
    ],
)
def test_the_applications_own_503_is_no_holding_page(
    status: int, headers: dict[str, str], text: str
) -> None:
    assert not is_holding_page(status, headers, text)


def test_the_first_forms_token_is_found() -> None:
    html = '<form><input type="hidden" name="csrf" value="abc"></form><input name="csrf" value="d">'
    assert form_token(html) == "abc"
    assert form_token("<p>no form</p>") is None


def test_a_pages_content_is_read_as_it_was_written() -> None:
    html = "<h1>x</h1><p data-content>a &lt;b&gt; &amp;\nc &#39;d&#39;</p><p>more</p>"
    assert content_in(html) == "a <b> &\nc 'd'"
    assert content_in("<p>nothing</p>") is None
