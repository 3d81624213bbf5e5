"""Files of variables are read as Compose reads them.

What is expected here is what Docker Compose 2.40.3 makes of the same file.
"""

import pytest

from liferaft.compose.variables import NoVariables, read, read_raw

FILE = """\
# a comment
A=one
export B = two # c
C='single $A \\n x'
D="double $A \\n \\$A \\" ${NOPE:-dd}"
E=un$A#x ${A}
F=
G="multi
line"
H=a\\nb
I: yaml
J='it\\'s'
K=$$x
L=${NOPE}
M="a" # c
N=it's

O="${A:?bad}"
"""


def told(text: str, outer: dict[str, str] | None = None) -> dict[str, str | None]:
    return {one.name: one.value for one in read(text, outer or {})}


def test_every_way_to_write_a_value_means_what_it_means_to_compose() -> None:
    assert told(FILE) == {
        "A": "one",
        "B": "two",
        "C": "single $A \\n x",
        "D": 'double one \n $A " dd',
        "E": "unone#x one",
        "F": "",
        "G": "multi\nline",
        "H": "a\\nb",
        "I": "yaml",
        "J": "it's",
        "K": "$x",
        "L": "",
        "M": "a",
        "N": "it's",
        "O": "one",
    }


def test_each_variable_has_its_line() -> None:
    lines = {one.name: one.line for one in read(FILE, {})}
    assert (lines["A"], lines["G"], lines["H"], lines["O"]) == (2, 8, 10, 18)


def test_what_stands_outside_goes_before_what_the_file_says() -> None:
    assert told("A=mine\nB=$A", {"A": "outer"})["B"] == "outer"


def test_a_name_alone_stands_for_the_variable_outside() -> None:
    assert told("A\nB", {"A": "outer"}) == {"A": "outer", "B": None}


def test_in_a_raw_file_nothing_is_filled_in_or_taken_away() -> None:
    (one, two) = read_raw('A="x" $B # no comment\n\n# a comment\nB=\'y\n')
    assert (one.value, two.value, two.line) == ('"x" $B # no comment', "'y", 4)


@pytest.mark.parametrize("text", ["A=1\nno assignment", "A=1\n='x'", "A=1\nB='open", "A=1\nB=${C"])
def test_a_line_that_sets_nothing_is_told_with_its_number(text: str) -> None:
    with pytest.raises(NoVariables) as caught:
        read(text, {})
    assert caught.value.line == 2
    assert caught.value.valid
