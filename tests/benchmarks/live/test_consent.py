"""Who is asked before something costs."""

import io
import sys

import pytest
from benchmarks.live.consent import Asked, Declined, GivenAhead, consent

from liferaft.failures import BadInput


def test_without_a_terminal_it_has_to_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(BadInput, match="no terminal") as refused:
        consent(yes=False)
    assert "YES=1" in refused.value.facts.do
    assert isinstance(consent(yes=True), GivenAhead)


def test_all_is_an_answer_for_one_kind() -> None:
    answers = iter(["all", "yes", ""])
    asked = Asked(lambda _: next(answers))
    for _ in range(3):
        asked.require("a server", kind="server", has_price=True)
    asked.require("a volume", kind="volume", has_price=True)
    with pytest.raises(Declined, match="a bucket"):
        asked.require("a bucket", kind="bucket", has_price=True)


def test_nobody_agrees_to_all_of_what_has_no_price() -> None:
    with pytest.raises(Declined):
        Asked(lambda _: "all").require("an image", kind="machine_image", has_price=False)
