"""What a person is told of objects that are not kept, not whole, or not back."""

import json

from liferaft.data.bucket.progress import progress_of
from liferaft.data.bucket.telling import NAMED, missing, not_kept, not_restored, undated


def test_nothing_is_said_where_everything_is_kept_and_back() -> None:
    assert not_kept("media", {"count": 3}) == ()
    assert not_restored("media", progress_of("{}", unit="")) == ()


def test_objects_that_are_not_kept_are_told_by_name_and_a_name_cannot_write_on_the_screen() -> None:
    facts = {"left_out": {"a\x1b[2J\n": "the site answered 403"}, "left_out_count": 1}
    [said] = not_kept("media", facts)
    assert said == ("Not kept of bucket media: 1 objects\n  'a\\x1b[2J\\n': the site answered 403")


def test_objects_that_are_kept_but_not_whole_are_told_by_name() -> None:
    [said] = not_kept("media", {"lacking": {"a": "its tags"}, "lacking_count": 1})
    assert said.endswith("\n  'a': its tags")


def test_of_many_names_some_are_told_and_the_number_is_whole() -> None:
    many = {f"{number}": "why" for number in range(100)}
    [said] = not_kept("media", {"left_out": many, "left_out_count": 5000})
    assert "5000 objects" in said
    assert len(said.splitlines()) == 1 + NAMED + 1
    assert said.endswith(
        "4980 more: on the server, in /var/lib/liferaft/data/bucket-media.not-kept"
    )


def test_that_nobody_could_say_who_else_may_read_is_told() -> None:
    [said] = not_kept("media", {"lists_unreadable": True})
    assert "nobody else may" in said


def test_objects_that_are_not_back_are_told_by_name() -> None:
    came = '{"otherwise": {"a//b": "another name"}, "otherwise_count": 1}'
    [said] = not_restored("media", progress_of(came, unit=""))
    assert "1 objects, still in the vault" in said
    assert "'a//b': another name" in said


def test_what_rows_name_and_is_missing_is_told_by_name() -> None:
    came = {"missing": {"a": "no vault has it"}, "missing_count": 1, "rows_unread": ""}
    [said] = missing("media", progress_of(json.dumps(came), unit=""))
    assert said == "MISSING in bucket media: 1 objects that rows name\n  'a': no vault has it"


def test_that_rows_could_not_be_asked_is_told_and_not_taken_for_nothing_missing() -> None:
    [said] = missing("media", progress_of('{"rows_unread": "no such table"}', unit=""))
    assert "(no such table)" in said
    assert "not known" in said


def test_what_came_back_as_of_later_than_asked_for_is_told_by_name() -> None:
    came = '{"later": {"avatar.png": "only a version from after"}, "later_count": 1}'
    [said] = missing("media", progress_of(came, unit=""))
    assert "'avatar.png'" in said


def test_what_a_restore_as_of_a_moment_cannot_know_is_told() -> None:
    assert undated("media", None, 30) == ()
    [said] = undated("media", 1_795_960_800.0, 30)
    assert "as of 2026-11-29 14:00:00 UTC" in said
    assert "30 days" in said
