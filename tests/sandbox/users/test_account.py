"""What users saw of a move, from hand-written records: terminated at 100, commanded at 110."""

from collections.abc import Callable

import pytest

from liferaft_sandbox.users.account import Account, account_of
from liferaft_sandbox.users.records import Answer, Kind, Written

NEW = "198.51.100.100"
MakeAnswer = Callable[..., Answer]


def told(*answers: Answer) -> Account:
    return account_of(answers, terminated_at=100.0, command_at=110.0)


@pytest.fixture
def move(answer: MakeAnswer) -> list[Answer]:
    """A whole move, in the order in which a file could hold it."""
    post = (Written("/posts/1", "aa"),)
    later = (Written("/posts/1001", "bb"), Written("/media/cc.png", "cc"))
    return [
        answer(99.0, Kind.WRITE, status=303, written=post),
        answer(99.8),
        answer(103.0, status=None, error="TimeoutError"),
        answer(112.0, address=NEW, status=503, holding=True),
        answer(113.0, address=NEW, resolver="r2", status=503, holding=True),
        answer(130.0, address=NEW),
        answer(130.5, Kind.WRITE, address=NEW, status=503, error="unexpected: 503"),
        answer(131.0, Kind.UPLOAD, address=NEW, status=303, written=later),
    ]


def test_rto_runs_from_the_last_good_answer_to_the_first_good_write(move: list[Answer]) -> None:
    account = told(*move)
    assert account.last_good_answer == 99.8
    assert account.first_good_read == 130.0
    assert account.first_good_write == 131.0
    assert account.rto_seconds == pytest.approx(31.2)


def test_what_the_operator_waited_for_runs_from_the_command(move: list[Answer]) -> None:
    account = told(*move)
    assert account.command_to_first_good_write == 21.0
    assert account.holding_page_seconds == 2.0


def test_the_order_of_the_records_does_not_matter(move: list[Answer]) -> None:
    assert told(*reversed(move)) == told(*move)


def test_requests_are_good_or_holding_pages_or_failed(move: list[Answer]) -> None:
    account = told(*move)
    assert (account.requests, account.good, account.holding, account.failed) == (8, 4, 2, 2)


def test_an_answer_that_was_on_its_way_at_the_termination_is_the_last_good_one(
    move: list[Answer], answer: MakeAnswer
) -> None:
    assert told(*move, answer(100.05)).last_good_answer == 100.05


def test_a_holding_page_from_before_the_command_is_not_the_moves(
    move: list[Answer], answer: MakeAnswer
) -> None:
    early = answer(105.0, address=NEW, status=503, holding=True)
    assert told(*move, early).first_holding_page == 112.0


def test_a_login_is_no_write(move: list[Answer], answer: MakeAnswer) -> None:
    login = answer(130.1, Kind.LOGIN, address=NEW, status=303)
    assert told(*move, login).first_good_write == 131.0


def test_a_post_with_a_picture_promises_two_things_in_the_order_of_the_answers(
    move: list[Answer],
) -> None:
    promised = [(thing.path, thing.at) for thing in told(*move).acknowledged]
    assert promised == [("/posts/1", 99.0), ("/posts/1001", 131.0), ("/media/cc.png", 131.0)]


def test_each_resolvers_tail_is_its_own(move: list[Answer], answer: MakeAnswer) -> None:
    slow = answer(111.5, resolver="r2", status=None, error="TimeoutError")
    first, second = told(*move, slow).resolvers
    assert (first.resolver, first.last_old, first.first_new) == ("r1", 103.0, 111.9)
    assert (second.resolver, second.last_old, second.first_new) == ("r2", 111.5, 112.9)


def test_without_a_good_write_there_is_no_rto(answer: MakeAnswer) -> None:
    account = told(answer(99.0), answer(131.0, address=NEW))
    assert account.first_good_read == 131.0
    assert account.rto_seconds is None
    assert account.command_to_first_good_write is None


def test_no_records_are_an_account_of_nothing() -> None:
    account = told()
    assert account.requests == 0
    assert account.last_good_answer is None
    assert account.resolvers == ()


def test_an_upload_that_the_termination_cuts_is_counted_as_under_way(answer: MakeAnswer) -> None:
    cut = answer(100.4, Kind.UPLOAD, status=None, error="TimeoutError", seconds=1.0)
    before = answer(99.9, Kind.UPLOAD, status=303)
    read = answer(100.4, status=None, error="TimeoutError", seconds=1.0)
    assert told(before, cut, read).uploads_under_way == 1
