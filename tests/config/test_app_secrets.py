"""The tables [secrets.NAME]: names that applications give, and no key that says nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.loading import load

from liferaft.config import ConfigInvalid

Written = Callable[[str], Path]
SECRETS = """
[secrets.APP_KEY]
generate = "base64"
prefix = "base64:"

[secrets.smtp-password]
"""


def test_a_secret_is_declared_by_a_table_of_its_name(written: Written, valid: str) -> None:
    config = load(written(valid + SECRETS))
    assert [*config.secrets] == ["APP_KEY", "smtp-password"]
    assert config.secrets["APP_KEY"].length == 32
    assert config.secrets["smtp-password"].generate is None


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('[secrets."a b"]', "this name is not valid"),
        ("[secrets.database-password]", "liferaft makes and keeps this one by itself"),
        ("[secrets.KEY]\nlength = 20", "an operator sets this one"),
        ('[secrets.KEY]\nvalue = "hush"', "unknown key"),
        ('[secrets.KEY]\ngenerate = "words"', "hex, base64, base64url or letters"),
        ('[secrets.KEY]\ngenerate = "hex"\nlength = 4', "from 16 to 512"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    written: Written, valid: str, table: str, said: str
) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        load(written(f"{valid}\n{table}\n"))
    (problem,) = caught.value.problems
    assert said in str(problem)
    assert problem.line > len(valid.splitlines())
    assert "hush" not in str(caught.value)
