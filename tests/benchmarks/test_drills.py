"""What a trial of drills says of users."""

from benchmarks.drills import regrets

from liferaft_sandbox.users.records import Answer, Kind


def answer(start: float, error: str | None) -> Answer:
    status = None if error else 200
    return Answer(
        "user1", "192.0.2.1", Kind.READ, "/", start, start + 3, None, status, False, error
    )


def test_nothing_is_said_where_users_had_all_that_they_asked_for() -> None:
    assert list(regrets([answer(100, None)])) == []


def test_users_who_had_no_answer_at_all_are_no_good_sign() -> None:
    assert list(regrets([])) == ["of 0 answers that users had 0 were not good"]


def test_answers_that_were_not_good_are_told_with_the_first_of_each_reason() -> None:
    lost = "ConnectionTimeoutError: Connection timeout"
    answers = [answer(100, None), answer(104, f"{lost} to host https://a.test/"), answer(107, lost)]
    assert list(regrets(answers)) == [
        "of 3 answers that users had 2 were not good",
        f"2 times {lost}, first after 3.0 s to read / of user1 4 s from the beginning",
    ]
