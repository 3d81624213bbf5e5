"""What a deploy and a failover see to by themselves: what is drawn has a value, and every operator
of today can open it."""

from collections.abc import Callable

import pytest

from liferaft.config.app_secrets import SecretConfig
from liferaft.secrets import (
    SecretKeeper,
    SecretsChain,
    ensure_secrets,
    keep_link,
    needs_link,
    to_be_changed,
)
from liferaft.vault import StoredVault

from .conftest import Operator

Make = Callable[[str], Operator]
DECLARED = {"APP_KEY": SecretConfig(generate="hex"), "SMTP": SecretConfig()}
AT = "2026-11-30T08:00:00+00:00"


def keeper(who: Operator, *others: Operator) -> SecretKeeper:
    recipients = tuple(one.recipient for one in (who, *others))
    return SecretKeeper("ann@desk", AT, recipients, who.identity_file)


def test_a_secret_is_drawn_once_and_is_the_same_ever_after(
    vault: StoredVault, operator: Make
) -> None:
    ann = operator("ann")
    assert needs_link(vault, 1, DECLARED, [ann.recipient])
    first = keep_link(vault, 1, DECLARED, keeper(ann))
    assert not needs_link(vault, 2, DECLARED, [ann.recipient])
    assert first.own.keys() == {"APP_KEY"}, "SMTP is for an operator to set"
    assert (first.told.own["APP_KEY"].by, first.told.own["APP_KEY"].is_generated) == (
        "ann@desk",
        True,
    )
    again = SecretsChain(vault).newest(ann.identity_file)
    assert again is not None
    assert again.own == first.own


def test_a_change_begins_with_the_secrets_that_the_application_has(
    vault: StoredVault, operator: Make
) -> None:
    ann = operator("ann")
    old = ensure_secrets(vault, 3, recipients=[ann.recipient], identity_file=ann.identity_file)
    assert to_be_changed(vault, 3, keeper(ann)).app == old


def test_the_first_deploy_takes_the_secrets_that_were_made_when_one_was_set(
    vault: StoredVault, operator: Make
) -> None:
    ann = operator("ann")
    kept = keep_link(vault, 1, DECLARED, keeper(ann))
    found = ensure_secrets(vault, 1, recipients=[ann.recipient], identity_file=ann.identity_file)
    assert found == kept.app


@pytest.mark.parametrize("changed", [False, True])
def test_an_operator_who_came_later_can_open_them_from_then_on(
    vault: StoredVault, operator: Make, *, changed: bool
) -> None:
    ann, bob = operator("ann"), operator("bob")
    ensure_secrets(vault, 1, recipients=[ann.recipient], identity_file=ann.identity_file)
    if changed:
        keep_link(vault, 1, DECLARED, keeper(ann))
    assert not needs_link(vault, 1, {}, [ann.recipient])
    assert needs_link(vault, 1, {}, [ann.recipient, bob.recipient])
    keep_link(vault, 1, {}, keeper(ann, bob))
    newest = SecretsChain(vault).newest(bob.identity_file)
    assert newest is not None
    assert newest.told.unproved == (ann.recipient, bob.recipient)


def test_an_old_liferaft_toml_shuts_nobody_out(vault: StoredVault, operator: Make) -> None:
    ann, bob = operator("ann"), operator("bob")
    keep_link(vault, 1, {}, keeper(ann, bob))
    assert not needs_link(vault, 1, {}, [ann.recipient])
    keep_link(vault, 1, DECLARED, keeper(ann))
    assert SecretsChain(vault).newest(bob.identity_file) is not None
