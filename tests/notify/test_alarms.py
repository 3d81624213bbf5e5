"""An alarm reaches whom it is for, holds nobody up, and says nothing of where it went."""

import logging
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from tests.notify.listening import SECRET, Listener, listening

from liferaft.notify.alarms import Untold, send


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as one:
        yield one


def told(url: str, *, seconds: float = 10.0) -> tuple[Untold, ...]:
    return send({"CHAT": SecretStr(url)}, "chirp", "The drill failed.", seconds=seconds)


def test_the_sentence_arrives_as_it_is(listener: Listener) -> None:
    assert told(listener.url) == ()
    (heard,) = listener.heard
    assert (heard["title"], heard["message"]) == ("chirp", "The drill failed.")
    assert listener.asked == [f"/{SECRET}"], "at the address that was meant"


def test_who_says_nothing_is_not_waited_for_and_is_told_of(listener: Listener) -> None:
    told("json://127.0.0.1:1/")  # apprise is loaded
    listener.freed.clear()
    began = time.monotonic()
    (failed,) = told(listener.url, seconds=1.0)
    assert time.monotonic() - began < 5
    assert (failed.variable, failed.why) == ("CHAT", "no whole answer within 1 s")


def test_one_that_is_dead_keeps_no_other_from_hearing(listener: Listener) -> None:
    urls = {"DEAD": SecretStr("json://127.0.0.1:1/"), "CHAT": SecretStr(listener.url)}
    (failed,) = send(urls, "chirp", "The drill failed.")
    assert failed.variable == "DEAD"
    assert "could not be reached" in failed.why
    assert len(listener.heard) == 1


def test_a_refusal_is_told_by_its_code(listener: Listener) -> None:
    listener.answers = 403
    assert told(listener.url) == (Untold("CHAT", "it answered 403"),)


@pytest.mark.parametrize(
    "url", ["no url at all", f"nothing-that-there-is://{SECRET}", "json://", "https://"]
)
def test_what_is_no_url_of_apprises_is_told_without_it(url: str) -> None:
    assert told(url) == (Untold("CHAT", "it holds no URL that apprise knows"),)


@pytest.mark.parametrize("answers", [200, 403])
def test_the_address_is_in_no_answer_and_on_no_screen(
    listener: Listener, answers: int, capfd: pytest.CaptureFixture[str]
) -> None:
    listener.answers = answers
    failed = told(listener.url)
    said = capfd.readouterr()
    assert SECRET not in f"{failed}{said.out}{said.err}"


def test_what_apprise_logs_would_hold_a_part_of_it(
    listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    """That is why nothing of it is passed on. Nothing at the level that a command shows does."""
    listener.answers = 403
    with caplog.at_level(logging.WARNING):
        told(listener.url)
    assert SECRET not in caplog.text


@pytest.mark.sandbox  # an interpreter of its own
def test_apprise_is_not_loaded_before_there_is_something_to_tell() -> None:
    probe = "import sys, liferaft.notify.alarms; print('apprise' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout == "False\n"
