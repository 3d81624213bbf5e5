"""Property values: JSON's own types, and two more, `Secret` and `UNKNOWN`."""

from collections.abc import Callable, Mapping
from typing import Any, Final

Value = Any
"""None, bool, int, float, str, list, dict, `Secret` or `UNKNOWN`; nested as JSON is."""
Properties = Mapping[str, Value]

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
"""The key that marks an object as something else than a plain object, here and in Pulumi."""
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a public marker of the format
UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What stands for `UNKNOWN` wherever a value is text: on the wire and at rest."""

_EXACT: Final = 2.0**53


class Secret:
    """A value that never rests in plain text.

    Its sealed form is kept with it, so that an unchanged secret is not written anew each time.
    """

    __slots__ = ("sealed", "value")
    __hash__ = None  # type: ignore[assignment]  # values may be lists and maps

    def __init__(self, value: Value, sealed: str | None = None) -> None:
        self.value = value
        self.sealed = sealed

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and bool(self.value == other.value)

    def __repr__(self) -> str:
        return "Secret(…)"


class Unknown:
    """A value that only the real operation will tell; equal to nothing but itself."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


def plain(value: Value) -> Value:
    """The value as JSON's own types, without its secret marks."""
    match value:
        case Secret():
            return plain(value.value)
        case list():
            return [plain(item) for item in value]
        case dict():
            return {key: plain(item) for key, item in value.items()}
    return whole(value)


def whole(value: Value) -> Value:
    """A number that came over the wire as 4.0 and is 4 in JSON; anything else as it is."""
    exact = isinstance(value, float) and value.is_integer() and abs(value) < _EXACT
    return int(value) if exact else value


def has_unknown(value: Value) -> bool:
    return _has_any(value, lambda item: item is UNKNOWN)


def has_secret(value: Value) -> bool:
    return _has_any(value, lambda item: isinstance(item, Secret))


def _has_any(value: Value, wanted: Callable[[Value], bool]) -> bool:
    if wanted(value):
        return True
    match value:
        case Secret():
            return _has_any(value.value, wanted)
        case list():
            return any(_has_any(item, wanted) for item in value)
        case dict():
            return any(_has_any(item, wanted) for item in value.values())
    return False


def as_secret(value: Value) -> Value:
    return value if isinstance(value, Secret) else Secret(plain(value))


def marked_like(values: Properties, model: Properties) -> dict[str, Value]:
    """`values`, where what is named like a secret of `model` is secret too.

    For providers that take no secrets: theirs come back bare.
    """
    return {
        key: as_secret(value)
        if key in model and has_secret(model[key]) and not has_secret(value)
        else value
        for key, value in values.items()
    }
