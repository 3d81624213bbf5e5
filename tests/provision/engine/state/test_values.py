"""Property values: what is secret stays so, and what is plain is JSON."""

import json

from liferaft.provision.engine.state.values import Secret, marked_like, plain


def test_what_comes_back_bare_is_secret_where_the_input_was() -> None:
    found = marked_like({"token": "t", "size": 1, "addr": "a"}, {"token": Secret("t"), "size": 1})
    assert found == {"token": Secret("t"), "size": 1, "addr": "a"}


def test_plain_values_are_jsons_own() -> None:
    assert json.dumps(plain({"deep": Secret("y")})) == '{"deep": "y"}'
    assert json.dumps(plain([4.0, 1.5, True, Secret(2.0)])) == "[4, 1.5, true, 2]"
