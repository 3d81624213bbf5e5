"""What servers are told of the application's own secrets, and what is said where one is missing."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from liferaft.compose.application import Compose, parse
from liferaft.failures import BadInput
from liferaft.secrets import SecretsChain, to_be_changed
from liferaft.site import own_secrets
from liferaft.site.world import World

TEXT = "services: {web: {image: 'a:1', environment: {A: $A, B: 'x-${B}'}}, other: {image: 'a:1'}}"


def compose() -> Compose:
    return parse(TEXT, Path("/compose.yaml"), secrets=("A", "B"))


def has(world: World, values: Mapping[str, str]) -> None:
    keeper = own_secrets.keeper_of(world.site)
    kept = to_be_changed(world.site.vault, 1, keeper).with_operators(keeper.recipients)
    for name, value in values.items():
        kept = kept.with_own(name, value, keeper.says())
    SecretsChain(world.site.vault).append(kept, keeper.identity_file)


async def test_values_are_those_of_now(operated: World) -> None:
    has(operated, {"A": "one", "B": "two", "C": "of nobody"})
    assert await own_secrets.told(operated.site, compose()) == {"A": "one", "B": "two"}
    has(operated, {"A": "anew"})
    assert (await own_secrets.told(operated.site, compose()))["A"] == "anew"


async def test_all_secrets_without_a_value_are_told_at_once_with_who_needs_them(
    operated: World,
) -> None:
    with pytest.raises(BadInput) as caught:
        await own_secrets.told(operated.site, compose())
    assert str(caught.value).splitlines() == [
        "Secret A of web has no value",
        "Secret B of web has no value",
    ]
    assert "liferaft secrets set NAME" in caught.value.facts.do


async def test_a_value_of_several_lines_in_a_variable_is_refused_without_it(
    operated: World,
) -> None:
    has(operated, {"A": "one", "B": "first\nsecond"})
    with pytest.raises(BadInput, match="Secret B has several lines") as caught:
        await own_secrets.told(operated.site, compose())
    assert "second" not in str(caught.value.facts)


async def test_a_comparison_knows_a_change_of_a_value_and_stands_one_that_is_missing(
    operated: World,
) -> None:
    has(operated, {"A": "one"})
    first = await own_secrets.as_told(operated.site, compose())
    has(operated, {"A": "two"})
    assert await own_secrets.as_told(operated.site, compose()) != first
    assert dict(first.services["web"].environment)["A"] == "one"


async def test_an_application_without_secrets_asks_no_vault(operated: World) -> None:
    operated.site.credentials = replace(operated.site.credentials, identity_file=Path("/none"))
    plain = parse("services: {web: {image: 'a:1'}}", Path("/compose.yaml"), secrets=("A",))
    assert await own_secrets.told(operated.site, plain) == {}
    assert await own_secrets.as_told(operated.site, plain) == plain
