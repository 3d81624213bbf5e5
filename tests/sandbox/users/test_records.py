"""The file of answers."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from liferaft_sandbox.users.records import (
    FILE_NAME,
    Answer,
    Kind,
    Records,
    Written,
    answer_in,
    answers_in,
    line_of,
)

MakeAnswer = Callable[..., Answer]


def test_a_record_reads_back_as_it_was(answer: MakeAnswer) -> None:
    upload = answer(1.5, Kind.UPLOAD, written=(Written("/posts/1", "aa"), Written("/media/b", "b")))
    assert answer_in(line_of(upload)) == upload


async def test_records_are_on_disk_soon_after_they_were_taken(
    tmp_path: Path, answer: MakeAnswer
) -> None:
    async with Records(tmp_path) as records:
        records.append(answer(1.0))
        async with asyncio.timeout(60):
            while not answers_in(tmp_path):  # noqa: ASYNC110  # a file tells nobody of its growth
                await asyncio.sleep(0.02)
    assert answers_in(tmp_path) == [answer(1.0)]


async def test_closing_keeps_what_was_taken_last(tmp_path: Path, answer: MakeAnswer) -> None:
    async with Records(tmp_path) as records:
        records.append(answer(1.0))
        records.append(answer(2.0))
    assert [taken.end for taken in answers_in(tmp_path)] == [1.0, 2.0]


def test_a_line_cut_off_by_a_kill_is_left_out(tmp_path: Path, answer: MakeAnswer) -> None:
    whole = line_of(answer(1.0))
    (tmp_path / FILE_NAME).write_text(whole + whole[:40])
    assert answers_in(tmp_path) == [answer(1.0)]


def test_a_broken_line_in_the_middle_is_not_swallowed(tmp_path: Path, answer: MakeAnswer) -> None:
    (tmp_path / FILE_NAME).write_text("{half\n" + line_of(answer(1.0)))
    with pytest.raises(ValueError, match="Expecting property name"):
        answers_in(tmp_path)


@pytest.mark.parametrize(
    ("status", "holding", "error", "good"),
    [(200, False, None, True), (503, True, None, False), (303, False, "unexpected: 303", False)],
)
def test_a_good_answer_is_what_was_asked_for(
    answer: MakeAnswer, status: int, holding: bool, error: str | None, good: bool
) -> None:
    assert answer(1.0, status=status, holding=holding, error=error).is_good is good
