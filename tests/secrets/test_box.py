from collections.abc import Callable
from pathlib import Path

import pytest

from liferaft.failures import BadInput
from liferaft.secrets import CannotOpen, openers, seal, unseal

from .conftest import Operator

Make = Callable[[str], Operator]


def test_each_recipient_can_open_alone(operator: Make) -> None:
    one, two = operator("one"), operator("two")
    sealed = seal({"a": "hush"}, [one.recipient, two.recipient])
    assert b"hush" not in sealed
    assert unseal(sealed, one.identity_file) == unseal(sealed, two.identity_file) == {"a": "hush"}


def test_nobody_else_can(operator: Make) -> None:
    sealed = seal({"a": "hush"}, [operator("one").recipient])
    with pytest.raises(CannotOpen):
        unseal(sealed, operator("stranger").identity_file)


def test_the_same_document_is_never_sealed_to_the_same_bytes(operator: Make) -> None:
    one = operator("one")
    assert seal({"a": "x"}, [one.recipient]) != seal({"a": "x"}, [one.recipient])


def test_an_identity_that_others_may_read_is_not_used(operator: Make) -> None:
    one = operator("one")
    one.identity_file.chmod(0o644)
    with pytest.raises(BadInput, match="mode 644"):
        unseal(seal({}, [one.recipient]), one.identity_file)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "AGE-SECRET-KEY-1NONSENSE\n"])
def test_a_file_that_is_no_identity_is_refused_without_quoting_it(
    operator: Make, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "bad"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(BadInput) as caught:
        unseal(seal({}, [operator("one").recipient]), path)
    assert "NONSENSE" not in str(caught.value)


def test_what_an_editor_adds_to_an_identity_file_is_nothing(operator: Make) -> None:
    one = operator("one")
    key = one.identity_file.read_bytes().strip()
    one.identity_file.write_bytes(b"\xef\xbb\xbf  # mine\r\n" + key + b" \r\n")
    assert unseal(seal({"a": "hush"}, [one.recipient]), one.identity_file) == {"a": "hush"}


@pytest.mark.parametrize("recipients", [[], ["age1nonsense"]])
def test_sealing_for_nobody_is_refused(recipients: list[str]) -> None:
    with pytest.raises(BadInput):
        seal({}, recipients)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_how_many_can_open_it_is_seen_without_a_key(operator: Make, count: int) -> None:
    recipients = [operator(f"operator-{number}").recipient for number in range(count)]
    assert openers(seal({"a": "-> X25519 not a header"}, recipients)) == count
