"""What became of what was promised."""

import pytest

from liferaft_sandbox.users.account import Acknowledged
from liferaft_sandbox.users.browser import Reply
from liferaft_sandbox.users.recognise import digest
from liferaft_sandbox.users.records import Kind
from liferaft_sandbox.users.verify import Fate, Survival, Verdict, fate_of, may_change

TEXT = "a & b"
POST = Acknowledged("/posts/7", digest(TEXT), "user0", Kind.WRITE, 99.0)
PICTURE = Acknowledged("/media/aa.png", digest(b"picture"), "user0", Kind.UPLOAD, 99.5)
PAGE = b"<p class='content' data-content>a &amp; b</p>"


def reply(status: int | None, body: bytes = b"", error: str | None = None) -> Reply:
    return Reply(200.0, 200.1, "198.51.100.100", status, {}, body, error)


def test_a_post_that_reads_as_it_was_written_survived() -> None:
    assert fate_of(POST, reply(200, PAGE)).verdict is Verdict.SURVIVED


def test_a_picture_survives_byte_by_byte() -> None:
    assert fate_of(PICTURE, reply(200, b"picture")).verdict is Verdict.SURVIVED
    assert fate_of(PICTURE, reply(200, b"picturE")).verdict is Verdict.ALTERED


def test_what_is_not_found_is_lost() -> None:
    assert fate_of(POST, reply(404)).verdict is Verdict.LOST


@pytest.mark.parametrize("body", [b"<p data-content>something else</p>", b"<p>welcome</p>"])
def test_an_id_that_answers_with_something_else_is_altered_not_survived(body: bytes) -> None:
    assert fate_of(POST, reply(200, body)).verdict is Verdict.ALTERED


@pytest.mark.parametrize("status", [503, 500, 302, None])
def test_an_answer_that_says_neither_is_no_loss(status: int | None) -> None:
    fate = fate_of(POST, reply(status, error="TimeoutError" if status is None else None))
    assert fate.verdict is Verdict.UNANSWERED
    assert may_change(fate)


def test_only_a_missing_picture_is_asked_for_again() -> None:
    assert may_change(fate_of(PICTURE, reply(404)))
    assert not may_change(fate_of(POST, reply(404)))
    assert not may_change(fate_of(PICTURE, reply(200, b"other")))


def test_no_picture_is_waited_for_once_its_copy_has_come_to_its_end() -> None:
    assert not may_change(fate_of(PICTURE, reply(404)), copied=True)
    assert may_change(fate_of(PICTURE, reply(503)), copied=True)


def test_the_report_says_from_when_things_are_lost() -> None:
    things = [
        (Acknowledged(f"/posts/{at:.0f}", "", "user0", Kind.WRITE, at), verdict)
        for at, verdict in [
            (97.0, Verdict.SURVIVED),
            (98.0, Verdict.LOST),
            (99.0, Verdict.LOST),
            (131.0, Verdict.SURVIVED),
        ]
    ]
    report = Survival(
        tuple(Fate(thing, verdict, None, None) for thing, verdict in things)
    ).as_json()
    assert report["acknowledged"] == 4
    assert (report["survived"], report["lost"], report["altered"]) == (2, 2, 0)
    assert (report["first_lost_at"], report["last_lost_at"]) == (98.0, 99.0)
    not_survived = report["not_survived"]
    assert isinstance(not_survived, list)
    assert [entry["path"] for entry in not_survived] == ["/posts/98", "/posts/99"]
