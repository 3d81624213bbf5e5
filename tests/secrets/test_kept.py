"""All secrets in one sealed document; what is said of them beside it, in clear and held to it."""

import json
from collections.abc import Callable

import pytest

from liferaft.failures import Refused
from liferaft.secrets import AppSecrets, CannotOpen, KeptSecrets, SetSecret, ToldSecrets
from liferaft.secrets.kept import opened, told_by

from .conftest import Operator

Make = Callable[[str], Operator]
SAID = SetSecret("2026-11-30T08:00:00+00:00", "ann@desk")


def kept_for(*operators: Operator) -> KeptSecrets:
    made = KeptSecrets(ToldSecrets(0), AppSecrets.generate()).with_own("KEY", "hush-hush", SAID)
    return made.with_operators(one.recipient for one in operators)


def test_each_operator_opens_all_of_it_and_nobody_else_does(operator: Make) -> None:
    ann, bob, eve = operator("ann"), operator("bob"), operator("eve")
    made = kept_for(ann, bob)
    body = made.to_link(1)
    for one in (ann, bob):
        found = opened(1, body, one.identity_file)
        assert (found.app, found.own) == (made.app, made.own)
    with pytest.raises(CannotOpen):
        opened(1, body, eve.identity_file)


def test_names_and_moments_are_told_without_an_identity_and_no_value_is(operator: Make) -> None:
    made = kept_for(operator("ann"))
    body = made.to_link(7)
    told = told_by(body)
    assert (told.number, told.own) == (7, {"KEY": SAID})
    values = ["hush-hush", *made.app.to_document().values()]
    assert not any(value.encode() in body for value in values)
    assert not any(value in repr(made) for value in values)


@pytest.mark.parametrize("key", ["own", "operators", "number"])
def test_what_somebody_else_wrote_in_clear_is_refused(operator: Make, key: str) -> None:
    ann = operator("ann")
    document = json.loads(kept_for(ann).to_link(1))
    document[key] = {"own": {}, "operators": {}, "number": 2}[key]
    with pytest.raises(Refused, match="somebody else has written it"):
        opened(1, json.dumps(document).encode(), ann.identity_file)


def test_an_older_link_put_in_the_place_of_a_newer_one_is_refused(operator: Make) -> None:
    ann = operator("ann")
    with pytest.raises(Refused, match="somebody else has written it"):
        opened(2, kept_for(ann).to_link(1), ann.identity_file)


def test_a_link_of_another_version_is_refused_without_a_traceback() -> None:
    for body in (b'{"version": 99}', b'{"version": 1, "own": []}', b"no JSON", b"[]"):
        with pytest.raises(Refused, match="another version"):
            told_by(body)


def test_an_operator_who_is_removed_opens_no_later_link(operator: Make) -> None:
    ann, bob = operator("ann"), operator("bob")
    body = kept_for(ann, bob).without_operator(bob.recipient).to_link(2)
    assert opened(2, body, ann.identity_file).own.keys() == {"KEY"}
    with pytest.raises(CannotOpen):
        opened(2, body, bob.identity_file)
