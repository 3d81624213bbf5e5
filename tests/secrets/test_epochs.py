from collections.abc import Callable

import pytest

from liferaft.secrets import CannotOpen, carry_secrets, ensure_secrets, read_secrets
from liferaft.vault import KeyMissing, StoredVault

from .conftest import Operator

Make = Callable[[str], Operator]


def ensured(vault: StoredVault, who: Operator, *others: Operator) -> dict[str, str]:
    recipients = [operator.recipient for operator in (who, *others)]
    made = ensure_secrets(vault, 1, recipients=recipients, identity_file=who.identity_file)
    return dict(made.to_document())


def test_secrets_are_made_once(vault: StoredVault, operator: Make) -> None:
    one, two = operator("one"), operator("two")
    assert ensured(vault, one, two) == ensured(vault, two)
    assert vault.list() == ("epoch-00000001/secrets.age",)


def test_a_later_reign_has_the_same_secrets_for_its_own_recipients(
    vault: StoredVault, operator: Make
) -> None:
    one, two = operator("one"), operator("two")
    first = ensured(vault, one)
    for _ in range(2):
        carry_secrets(
            vault,
            old=1,
            new=2,
            recipients=[one.recipient, two.recipient],
            identity_file=one.identity_file,
        )
    assert read_secrets(vault, 2, two.identity_file).to_document() == first


def test_secrets_that_their_maker_could_not_read_are_not_stored(
    vault: StoredVault, operator: Make
) -> None:
    with pytest.raises(CannotOpen):
        ensure_secrets(
            vault,
            1,
            recipients=[operator("other").recipient],
            identity_file=operator("one").identity_file,
        )
    assert vault.list() == ()


def test_an_epoch_without_secrets_says_so(vault: StoredVault, operator: Make) -> None:
    with pytest.raises(KeyMissing):
        read_secrets(vault, 3, operator("one").identity_file)
