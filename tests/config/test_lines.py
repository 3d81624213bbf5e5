from liferaft.config.lines import line_numbers, line_of

TEXT = """\
top = 1
[a.b]  # a comment
"quoted.key" = 2
c.d = {e = 1, f = [
  1,
  {g = 2},
]}
[[list]]
x = 1
[[list]]
x = 2
"""


def test_every_key_has_its_line() -> None:
    lines = line_numbers(TEXT)
    assert lines["top",] == 1
    assert lines["a", "b"] == 2
    assert lines["a", "b", "quoted.key"] == 3
    assert lines["a", "b", "c", "d", "e"] == 4
    assert lines["a", "b", "c", "d", "f", 1, "g"] == 6
    assert lines["list", 1, "x"] == 11


def test_a_key_with_an_escape_has_its_line() -> None:
    """And one that only looks like an escape: in single quotes there is none."""
    text = '[sites]\n"e\\u0061st" = 1\n"a\\"b".c = 2\n\'d\\u0061\' = 3\n["x\\ty"]\nz = 4\n'
    lines = line_numbers(text)
    assert lines["sites", "east"] == 2
    assert lines["sites", 'a"b', "c"] == 3
    assert lines["sites", "d\\u0061"] == 4
    assert lines["x\ty", "z"] == 6


def test_what_is_missing_has_the_line_of_what_is_around_it() -> None:
    lines = line_numbers(TEXT)
    assert line_of(lines, ("a", "b", "absent")) == 2
    assert line_of(lines, ("absent",)) == 1
