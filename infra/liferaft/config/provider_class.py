"""What an installed octoDNS class takes, seen by importing it; nothing is connected.

Classes pass on what they do not know (`*args, **kwargs`), so all constructors on the way count.
"""

import importlib
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_ASKED: Final = ("populate", "plan", "apply")
"""What a class needs to change a zone; octoDNS's sources lack some of it."""
_LOSES: Final = {
    "octodns_bind.ZoneFileProvider": (
        "it writes the whole file anew, and its SOA with the serial, its comments and every record "
        "of a type that octoDNS does not know would be lost"
    ),
}
"""Classes that cannot change one record and leave the rest of a zone as it is."""
_INSTEAD: Final = "octodns_bind.Rfc2136Provider, which lets the name server itself change it"


@dataclass(frozen=True)
class Unfit:
    """Why a class cannot be used, and what would be valid."""

    reason: str
    valid: str


@dataclass(frozen=True)
class Arguments:
    """What a class's constructor takes besides the provider's name."""

    known: tuple[str, ...]
    needed: tuple[str, ...]
    swallowed: frozenset[str]
    """Texts in constructors that take anything: among them names that they look for by hand."""
    open_ended: bool
    """Nothing says what it takes."""

    def unknown(self, options: Mapping[str, Any]) -> Iterator[str]:
        """Options that no constructor has a use for."""
        if not self.open_ended:
            yield from (n for n in options if n not in self.known and n not in self.swallowed)

    def missing(self, options: Mapping[str, Any]) -> Iterator[str]:
        """What has to be given and is not."""
        yield from (name for name in self.needed if name not in options)


def find(class_name: str) -> type | Unfit:
    """The class, imported; or why it is none to change a zone with."""
    module, _, name = class_name.rpartition(".")
    package = module.partition(".")[0].replace("_", "-")
    try:
        found = getattr(importlib.import_module(module), name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a module may raise anything
        return Unfit(
            f"it cannot be imported: {str(error) or type(error).__name__}",
            f"a class that is installed: .venv/bin/pip install {package}",
        )
    if not isinstance(found, type) or not all(hasattr(found, asked) for asked in _ASKED):
        return Unfit("it is no octoDNS provider", "a class that can change a zone")
    for known in found.__mro__:
        loses = _LOSES.get(f"{known.__module__}.{known.__qualname__}")
        if loses:
            return Unfit(loses, _INSTEAD)
    return found


def arguments(provider_class: type) -> Arguments:
    """What its constructor takes, through all those that it hands the rest on to."""
    known: dict[str, None] = {}
    needed: list[str] = []
    swallowed: set[str] = set()
    for constructor in _constructors(provider_class):
        try:
            signature = inspect.signature(constructor)
        except (TypeError, ValueError):
            return Arguments((), (), frozenset(), open_ended=True)
        own = _named(signature)
        needed = needed if known else [each.name for each in own if each.default is each.empty]
        known |= dict.fromkeys(each.name for each in own)
        if not any(each.kind is each.VAR_KEYWORD for each in signature.parameters.values()):
            break
        swallowed |= _texts(constructor)
    return Arguments(tuple(known), tuple(needed), frozenset(swallowed), open_ended=False)


def _named(signature: inspect.Signature) -> list[inspect.Parameter]:
    """What can be given by name, besides the object itself and the provider's name before it."""
    _, *given = signature.parameters.values()
    own = [each for each in given if each.kind in {each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY}]
    first = own and own[0].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    return own[1:] if first else own


def _constructors(provider_class: type) -> Iterator[Any]:
    for each in provider_class.__mro__:
        if each is not object and "__init__" in vars(each):
            yield vars(each)["__init__"]


def _texts(constructor: Any) -> set[str]:
    code = getattr(constructor, "__code__", None)
    return {text for text in getattr(code, "co_consts", ()) if isinstance(text, str)}
