"""Each change of secrets is a link; of two at once one is told, and none is lost."""

import contextlib
from collections.abc import Callable

import pytest
from tests.models.line import Killed, Line, Trouble
from tests.models.several import Several

from liferaft.failures import Held
from liferaft.secrets import (
    AppSecrets,
    CannotOpen,
    KeptSecrets,
    SecretsChain,
    SetSecret,
    ToldSecrets,
    ensure_secrets,
    read_secrets,
)
from liferaft.vault import CheckedVault, Damaged, StoredVault, Vault, VaultUnavailable, catch_up

from .conftest import Operator

Make = Callable[[str], Operator]
SAID = SetSecret("2026-11-30T08:00:00+00:00", "ann@desk", is_generated=True)


def begun(*operators: Operator) -> KeptSecrets:
    made = KeptSecrets(ToldSecrets(0), AppSecrets.generate())
    return made.with_operators(one.recipient for one in operators)


def test_the_newest_link_counts(vault: StoredVault, operator: Make) -> None:
    ann, chain = operator("ann"), SecretsChain(vault)
    assert chain.told() is None
    first = chain.append(begun(ann).with_own("KEY", "one", SAID), ann.identity_file)
    chain.append(first.with_own("KEY", "two", SAID), ann.identity_file)
    newest = chain.newest(ann.identity_file)
    assert newest is not None
    assert newest.own["KEY"].get_secret_value() == "two"
    assert vault.list("secrets") == ("secrets/00000001", "secrets/00000002")


def test_of_two_operators_at_once_one_is_told_and_neither_overwrites(
    vault: StoredVault, operator: Make
) -> None:
    ann, bob, chain = operator("ann"), operator("bob"), SecretsChain(vault)
    before = chain.append(begun(ann, bob), ann.identity_file)
    chain.append(before.with_own("KEY", "anns", SAID), ann.identity_file)
    with pytest.raises(Held, match="Somebody else has changed"):
        chain.append(before.with_own("KEY", "bobs", SAID), bob.identity_file)
    newest = chain.newest(bob.identity_file)
    assert newest is not None
    assert newest.own["KEY"].get_secret_value() == "anns"


def test_nobody_keeps_what_they_could_not_read_back(vault: StoredVault, operator: Make) -> None:
    with pytest.raises(CannotOpen):
        SecretsChain(vault).append(begun(operator("ann")), operator("bob").identity_file)
    assert vault.list() == ()


def test_a_damaged_link_is_told_and_no_older_secret_is_taken_for_it(
    vault: StoredVault, operator: Make
) -> None:
    ann, chain = operator("ann"), SecretsChain(CheckedVault(vault))
    first = chain.append(begun(ann).with_own("KEY", "one", SAID), ann.identity_file)
    chain.append(first.with_own("KEY", "two", SAID), ann.identity_file)
    vault.put("secrets/00000002", vault.stored("secrets/00000002").replace(b"KEY", b"KEX"))
    with pytest.raises(Damaged) as caught:
        chain.newest(ann.identity_file)
    assert "no older secret was taken" in caught.value.facts.safe


def test_secrets_of_an_epoch_are_those_of_the_newest_link(
    vault: StoredVault, operator: Make
) -> None:
    ann, bob = operator("ann"), operator("bob")
    old = ensure_secrets(vault, 1, recipients=[ann.recipient], identity_file=ann.identity_file)
    kept = KeptSecrets(ToldSecrets(0), old).with_operators((ann.recipient, bob.recipient))
    SecretsChain(vault).append(kept, ann.identity_file)
    assert read_secrets(vault, 1, bob.identity_file) == old, "whom the epoch's own does not know"
    with pytest.raises(CannotOpen):
        read_secrets(vault, 1, operator("eve").identity_file)


# Several vaults


def changed_in(vault: Vault, ann: Operator, value: str) -> None:
    """What a command does that sets a secret."""
    chain = SecretsChain(vault)
    before = chain.newest(ann.identity_file) or begun(ann)
    chain.append(before.with_own("KEY", value, SAID), ann.identity_file)


def value_in(vault: Vault, ann: Operator) -> str | None:
    newest = SecretsChain(vault).newest(ann.identity_file)
    return newest.own["KEY"].get_secret_value() if newest else None


@pytest.mark.parametrize("trouble", list(Trouble))
def test_hit_at_any_request_a_change_is_whole_in_each_vault_or_not_there_at_all(
    operator: Make, trouble: Trouble
) -> None:
    ann = operator("ann")
    for at in range(1, 60):
        several, line = Several(), Line(trouble, at)
        changed_in(several.command(grace=5.0), ann, "old")
        with contextlib.suppress(Killed, VaultUnavailable):
            changed_in(several.command(line, grace=5.0), ann, "new")
        for name in several.raw:
            assert value_in(several.alone(name), ann) in ("old", "new"), (at, name)
        again = several.command(grace=5.0)
        for name in again.roll.answering[1:]:  # as a command does that follows a kill
            again.note_away(name, "the command before was killed")
        changed_in(again, ann, "again")
        catch_up(again, tuple(again.roll.lacking))
        assert {value_in(several.alone(name), ann) for name in several.raw} == {"again"}, at
        if len(line.asked) < at:
            return
    pytest.fail("the change never ended")


def test_a_vault_that_was_away_is_brought_each_change(operator: Make) -> None:
    ann, several = operator("ann"), Several()
    changed_in(several.command(), ann, "old")
    several.away("first")
    changed_in(several.command(), ann, "two")
    changed_in(several.command(), ann, "three")
    several.back("first")
    back = several.command()
    assert value_in(back, ann) == "three", "the complete one is read"
    catch_up(back, ("first",))
    assert value_in(several.alone("first"), ann) == "three"
    assert several.alone("first").list("secrets") == several.alone("second").list("secrets")


def test_a_link_that_is_damaged_in_one_vault_is_read_from_the_other(operator: Make) -> None:
    ann, several = operator("ann"), Several()
    changed_in(several.command(), ann, "one")
    several.damage("first", "secrets/00000001")
    assert value_in(several.command(), ann) == "one"
