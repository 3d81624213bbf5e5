"""Constructors as octoDNS's classes have them."""

import threading
from typing import Any

import requests
from tests.dns import sorts


class Base:
    """The least that a provider does."""

    def __init__(self, name: str, apply_disabled: bool = False) -> None:
        del name, apply_disabled

    def populate(self) -> None: ...
    def plan(self) -> None: ...
    def apply(self) -> None: ...


class Rfc2136Provider(Base):
    """Takes what octodns-bind's takes."""

    def __init__(
        self,
        name: str,
        host: str,
        port: int = 53,
        key_name: str | None = None,
        key_secret: str | None = None,
        key_algorithm: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        del host, port, key_name, key_secret, key_algorithm
        super().__init__(name, *args, **kwargs)


class Looking(Rfc2136Provider):
    """Looks for some of its options by hand."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.pop("by_hand", None)
        super().__init__(*args, **kwargs)


class Source:
    """Cannot change a zone."""

    def __init__(self, name: str) -> None: ...

    def populate(self) -> None: ...


class Files(sorts.ZoneFileProvider):
    """A class of somebody's own, from one that loses what is not ours."""


class Particular(Base):
    """Looks at its options when it is made, and fails in its own ways."""

    def __init__(self, name: str, algorithm: str, token: str = "", *args: Any) -> None:
        if algorithm == "silent":
            threading.Event().wait(60)
        raised: dict[str, Exception] = {
            "unknown": ValueError(f"no algorithm {algorithm}, token {token}"),
            "absent": KeyError("absent"),
            "away": ConnectionError("the vendor is away"),
            "no answer": requests.exceptions.InvalidJSONError("no JSON"),
        }
        if algorithm in raised:
            raise raised[algorithm]
        super().__init__(name, *args)
