"""The list of operators is changed where it stands, and the file is whole at any moment."""

from pathlib import Path

import pyrage
import pytest

from liferaft.config.recipients import require_recipient, take_recipient_out, write_recipient
from liferaft.failures import BadInput, Refused

TEXT = """\
# chirp, as of today
[operators]
recipients = [
    "age1first",  # ann
    "env/BOB",
]

[tls]
email = 'ops@chirp.test'  # who is told
"""


def test_a_recipient_is_added_and_taken_away_and_all_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "liferaft.toml"
    path.write_text(TEXT)
    path.chmod(0o640)
    assert write_recipient(path, "age1new")
    added = path.read_text()
    assert '"age1first",  # ann' in added
    assert added.endswith("[tls]\nemail = 'ops@chirp.test'  # who is told\n")
    assert (path.stat().st_mode & 0o777, [*tmp_path.iterdir()]) == (0o640, [path])
    assert not write_recipient(path, "age1new")
    assert path.read_text() == added
    assert take_recipient_out(path, "age1first")
    assert not take_recipient_out(path, "age1first")
    text = path.read_text()
    assert "age1first" not in text
    assert "env/BOB" in text
    assert "age1new" in text


def test_the_last_operator_is_never_removed(tmp_path: Path) -> None:
    path = tmp_path / "liferaft.toml"
    path.write_text('[operators]\nrecipients = ["age1first"]\n')
    with pytest.raises(Refused, match="only operator"):
        take_recipient_out(path, "age1first")
    assert "age1first" in path.read_text()


def test_a_key_with_a_letter_that_is_wrong_is_told() -> None:
    key = str(pyrage.x25519.Identity.generate().to_public())
    require_recipient(key)
    for wrong in (key[:-1] + ("q" if key[-1] != "q" else "p"), "age1", "AGE-SECRET-KEY-1X"):
        with pytest.raises(BadInput, match="no age public key"):
            require_recipient(wrong)
