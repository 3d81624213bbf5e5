"""What users notice of a server that dies; that it dies is for the rehearsal on real hosts."""

from dataclasses import replace

from liferaft_sandbox.rehearsal.dead_server import noticed_by
from liferaft_sandbox.users.records import Answer, Kind

GOOD = Answer("u1", "r1", Kind.READ, "/", 11.0, 11.1, "192.0.2.1", 200, holding=False, error=None)


def test_what_was_under_way_died_with_it_and_what_came_later_has_to_be_good() -> None:
    under_way = replace(GOOD, start=9.9, end=30.0, status=None, error="timed out")
    assert noticed_by([under_way, GOOD], died=10.0) == ([], 1)


def test_a_holding_page_and_no_answer_at_all_are_noticed() -> None:
    page = replace(GOOD, status=503, holding=True)
    silence = replace(GOOD, status=None, error="timed out")
    assert noticed_by([GOOD, page, silence], died=10.0) == ([page, silence], 3)


def test_a_write_may_be_what_finds_it_dead_and_no_later_one_meets_the_holding_page() -> None:
    write = replace(GOOD, kind=Kind.WRITE, status=503, holding=True)
    later = replace(write, start=13.0)
    assert noticed_by([write, later], died=10.0) == ([later], 2)
