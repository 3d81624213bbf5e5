"""What a part says of each vault that has it: sizes, digests and keys may differ from one to the
other."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from liferaft.failures import Failure
from liferaft.recovery.part import Part

ELSEWHERE: Final = "elsewhere"
"""Fact of a part: by vault, what is otherwise there than in the first of `Part.vaults`."""
NOT_IN: Final = "not_in"
"""Fact of a part: why it is not in a vault, by the vault's name."""
_OWN: Final = ("size", "taken_at", "facts")


def joined(taken: Mapping[str, Part], failed: Mapping[str, Failure]) -> Part:
    """One part of what each vault took, in their order. Pure."""
    first, *others = taken.values()
    facts = dict(first.facts)
    if others:
        own = {vault: part.to_json() for vault, part in list(taken.items())[1:]}
        facts[ELSEWHERE] = {vault: {of: part[of] for of in _OWN} for vault, part in own.items()}
    if failed:
        facts[NOT_IN] = {vault: failure.facts.happened for vault, failure in failed.items()}
    return replace(first, facts=facts, vaults=tuple(taken))


def part_in(part: Part, vault: str) -> Part:
    """The part as this vault has it. Pure."""
    elsewhere: Mapping[str, Any] = part.facts.get(ELSEWHERE, {})
    return replace(part, **elsewhere[vault]) if vault in elsewhere else part


def in_first(part: Part, first: str) -> Part:
    """The part; one of a version that knew the first vault of liferaft.toml alone, and wrote none
    down, lies there. Pure."""
    return part if part.vaults else replace(part, vaults=(first,))


def holders(part: Part, vaults: Sequence[str]) -> tuple[str, ...]:
    """Which of these vaults have it whole, in their order: the first alone where none is noted.
    Pure."""
    having = part.vaults or tuple(vaults[:1])
    return tuple(vault for vault in vaults if vault in having)
