"""What has to be done about a resource that exists."""

from dataclasses import replace

from liferaft.provision.engine.embedded.diff import Decision, Difference, decide
from liferaft.provision.engine.state.rows import Row
from liferaft.provision.engine.state.values import UNKNOWN, Secret

OLD = Row(urn="u", custom=True, type="a:b:C", id="i", inputs={"size": 1.0, "token": Secret("t")})
NEW = {"size": 2.0, "token": Secret("t")}
UPDATE = Difference(changed=True, keys=frozenset({"size"}))


def test_the_providers_word_counts() -> None:
    assert decide(OLD, NEW, Difference(changed=False)) == Decision("same")
    assert decide(OLD, NEW, UPDATE) == Decision("update")
    found = replace(UPDATE, replaces=frozenset({"size"}), delete_first=True)
    assert decide(OLD, NEW, found) == Decision("replace", delete_first=True)


def test_the_program_overrules_how_a_replacement_goes() -> None:
    found = replace(UPDATE, replaces=frozenset({"size"}), delete_first=True)
    assert decide(OLD, NEW, found, delete_first=False) == Decision("replace")


def test_without_the_providers_word_inputs_are_compared() -> None:
    assert decide(OLD, {"size": 1, "token": Secret("t")}, Difference()) == Decision("same")
    assert decide(OLD, {"size": 1, "token": Secret("u")}, Difference()) == Decision("update")
    assert decide(OLD, {"size": UNKNOWN, "token": Secret("t")}, Difference()).op == "update"


def test_the_program_can_turn_a_change_into_a_replacement() -> None:
    assert decide(OLD, NEW, UPDATE, replace_on=("size",)).op == "replace"
    assert decide(OLD, NEW, UPDATE, replace_on=("*",)).op == "replace"
    assert decide(OLD, NEW, UPDATE, replace_on=("token",)).op == "update"


def test_a_half_made_object_is_updated_even_when_nothing_changed() -> None:
    half = replace(OLD, init_errors=("no network",))
    assert decide(half, OLD.inputs, Difference(changed=False)) == Decision("update")


def test_a_replaced_provider_replaces_what_it_serves() -> None:
    assert decide(OLD, OLD.inputs, Difference(changed=False), provider_replaced=True).op == (
        "replace"
    )


def test_a_half_made_object_is_replaced_when_every_change_is_to_replace() -> None:
    half = replace(OLD, init_errors=("no network",))
    unchanged = Difference(changed=False)
    assert decide(half, OLD.inputs, unchanged, replace_on=("*",)) == Decision("replace")
    assert decide(OLD, OLD.inputs, unchanged, replace_on=("*",)) == Decision("same")
