"""Ids as paths write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


def with_id(resources: Mapping[int, T], key: str) -> T | None:
    """What a path names: its id as it is written, whatever else a caller may write there."""
    return next((one for number, one in resources.items() if str(number) == key), None)
