"""Texts of a Compose file are filled in by the specification.

What is expected here is what Docker Compose 2.40.3 (`docker compose config`) makes of the same.
"""

import pytest

from liferaft.compose.interpolation import NotFilled, fill

VARIABLES = {"A": "one", "EMPTY": "", "B2": "two"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("plain", "plain"),
        ("$A", "one"),
        ("${A}x$B2", "onextwo"),
        ("$A-b", "one-b"),
        ("${NONE:-d}", "d"),
        ("${NONE-d}", "d"),
        ("${EMPTY:-d}", "d"),
        ("${EMPTY-d}", ""),
        ("${A:-d}", "one"),
        ("${NONE:-}", ""),
        ("${A:+r}", "r"),
        ("${A+r}", "r"),
        ("${NONE:+r}", ""),
        ("${NONE+r}", ""),
        ("${EMPTY:+r}", ""),
        ("${EMPTY+r}", "r"),
        ("${A:?no}", "one"),
        ("${EMPTY?no}", ""),
        ("$$A", "$A"),
        ("$${A}", "${A}"),
        ("$$$A", "$one"),
        ("${NONE:-${A}}", "one"),
        ("${NONE:-${OTHER:-z}}", "z"),
        ("${NONE:-$$x}", "$x"),
        ("${NONE:-a}b}", "ab}"),
        ("${NONE:-a:b-c?d}", "a:b-c?d"),
        ("postgres://${A:-u}:${NONE:-p}@db", "postgres://one:p@db"),
    ],
)
def test_a_text_is_filled_in(text: str, filled: str) -> None:
    assert fill(text, VARIABLES) == filled


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("$NONE", "NONE is set nowhere"),
        ("a ${NONE}", "NONE is set nowhere"),
        ("${NONE:?}", "NONE has to be set"),
        ("${NONE:?write it}", "NONE has to be set: write it"),
        ("${EMPTY:?$A}", "EMPTY has to be set: one"),
        ("${NONE?no}", "NONE has to be set: no"),
        ("${A", "not closed"),
        ("${A:-b", "not closed"),
        ("${A~b}", "is followed by none of"),
        ("${1}", "no variable's name"),
        ("$1", "no variable's name"),
        ("$", "no variable's name"),
    ],
)
def test_what_cannot_be_filled_in_is_refused_and_what_to_write_is_said(
    text: str, reason: str
) -> None:
    with pytest.raises(NotFilled) as caught:
        fill(text, VARIABLES)
    assert reason in str(caught.value)
    assert caught.value.valid


def test_in_a_file_of_variables_one_that_is_set_nowhere_is_empty() -> None:
    assert fill("a${NONE}b", VARIABLES, lenient=True) == "ab"


def test_variables_in_each_other_without_an_end_are_refused() -> None:
    with pytest.raises(NotFilled):
        fill("${N:-" * 5000 + "}" * 5000, {})
