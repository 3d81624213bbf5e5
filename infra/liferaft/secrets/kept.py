"""All secrets of the application as they are kept: liferaft's and its own, in one document.

What is said of them stands beside it in clear (names, when, by whom, for which operators), so that
a list needs nobody's identity. It says nothing that the sealed part does not: who opens that
compares.
"""

import base64
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

from pydantic import SecretStr

from liferaft.config.app_secrets import DATABASE_PASSWORD
from liferaft.failures import Refused
from liferaft.secrets.app import AppSecrets
from liferaft.secrets.box import seal, unseal
from liferaft.secrets.canary import Canary

_VERSION: Final = 1


@dataclass(frozen=True)
class SetSecret:
    """When a secret got its value (UTC, ISO 8601), by whom, and whether liferaft drew it."""

    at: str
    by: str
    is_generated: bool = False


@dataclass(frozen=True)
class ToldSecrets:
    """What needs no identity.

    Attributes:
        number: of the link in the chain, from 1; 0 before there is one.
        own: the application's own, by name.
        operators: those who can open it, by their age public keys.
        rotated: of what liferaft makes for itself, what was made anew, by name.
        removed: operators who were removed: a liferaft.toml that names them still does not let them
            in again.
    """

    number: int
    own: Mapping[str, SetSecret] = field(default_factory=dict)
    operators: Mapping[str, Canary] = field(default_factory=dict)
    rotated: Mapping[str, SetSecret] = field(default_factory=dict)
    removed: tuple[str, ...] = ()

    @property
    def unproved(self) -> tuple[str, ...]:
        """Operators who never showed that they can open it."""
        return tuple(name for name, canary in self.operators.items() if not canary.is_proved)


@dataclass(frozen=True)
class KeptSecrets:
    """Everything, opened. Values never show in `repr`."""

    told: ToldSecrets
    app: AppSecrets
    own: Mapping[str, SecretStr] = field(default_factory=dict)

    def with_own(self, name: str, value: str, said: SetSecret) -> Self:
        """With a value for one of the application's own."""
        told = replace(self.told, own={**self.told.own, name: said})
        return replace(self, told=told, own={**self.own, name: SecretStr(value)})

    def without_own(self, name: str) -> Self:
        """Without one of the application's own."""
        told = replace(self.told, own=_without(self.told.own, name))
        return replace(self, told=told, own=_without(self.own, name))

    def with_database_password(self, said: SetSecret) -> Self:
        """With a fresh password of the database's."""
        app = self.app.with_database_password()
        told = replace(self.told, rotated={**self.told.rotated, DATABASE_PASSWORD: said})
        return replace(self, told=told, app=app)

    def with_operators(self, recipients: Iterable[str]) -> Self:
        """For these as well, each with a canary of its own; not for who was removed."""
        known, removed = self.told.operators, self.told.removed
        new = [one for one in recipients if one not in known and one not in removed]
        return self._for({**known, **{one: Canary.for_recipient(one) for one in new}})

    def with_operator(self, recipient: str) -> Self:
        """For this one as well, whether they were removed or not."""
        removed = tuple(one for one in self.told.removed if one != recipient)
        told = replace(self.told, removed=removed)
        return replace(self, told=told).with_operators([recipient])

    def without_operator(self, recipient: str) -> Self:
        """For everybody but this one, from the next link on."""
        removed = tuple(dict.fromkeys((*self.told.removed, recipient)))
        others = _without(self.told.operators, recipient)
        return replace(self, told=replace(self.told, removed=removed, operators=others))

    def with_proof(self, identity_file: Path, by: str, at: str) -> Self:
        """With the words of those canaries that this identity opens and nobody told yet."""
        known = self.told.operators
        told = {
            name: proved
            for name, canary in known.items()
            if not canary.is_proved and (proved := canary.proved(identity_file, by, at))
        }
        return self._for({**known, **told}) if told else self

    def _for(self, operators: Mapping[str, Canary]) -> Self:
        return replace(self, told=replace(self.told, operators=operators))

    def to_link(self, number: int) -> bytes:
        """The body of a link of the chain, sealed for its operators."""
        told = replace(self.told, number=number)
        document = {
            "said": _said(told),
            "app": self.app.to_document(),
            "own": {name: value.get_secret_value() for name, value in self.own.items()},
        }
        sealed = seal(document, tuple(told.operators))
        body = {
            "version": _VERSION,
            "nonce": secrets.token_hex(16),
            **_said(told),
            "sealed": base64.b64encode(sealed).decode(),
        }
        return json.dumps(body, indent=1).encode()


def told_by(body: bytes) -> ToldSecrets:
    """What a link says in clear. Raises Refused for one of another version."""
    read = _document(body)
    try:
        return ToldSecrets(
            number=read["number"],
            own={name: SetSecret(**one) for name, one in read["own"].items()},
            operators={name: Canary.from_json(one) for name, one in read["operators"].items()},
            rotated={name: SetSecret(**one) for name, one in read["rotated"].items()},
            removed=tuple(read["removed"]),
        )
    except (KeyError, TypeError, AttributeError):
        raise _not_ours() from None


def opened(number: int, body: bytes, identity_file: Path) -> KeptSecrets:
    """The whole link. Raises CannotOpen, and Refused where what stands in clear was not written by
    whoever sealed the rest."""
    told = told_by(body)
    document = unseal(base64.b64decode(_document(body)["sealed"]), identity_file)
    if document["said"] != _said(told) or told.number != number:
        raise Refused(
            f"What the vault says of the application's secrets (number {number}) is not what was "
            "sealed with them: somebody else has written it",
            safe="Nothing was changed.",
            do="Find out who can write to the vault. `liferaft failover --vault-as-of` brings back "
            "what lay there before.",
        )
    own = {name: SecretStr(value) for name, value in document["own"].items()}
    return KeptSecrets(told, AppSecrets.from_document(document["app"]), own)


def _said(told: ToldSecrets) -> dict[str, Any]:
    return {
        "number": told.number,
        "own": {name: asdict(one) for name, one in told.own.items()},
        "operators": {name: one.to_json() for name, one in told.operators.items()},
        "rotated": {name: asdict(one) for name, one in told.rotated.items()},
        "removed": list(told.removed),
    }


def _document(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except ValueError:
        raise _not_ours() from None
    if not isinstance(read, dict) or read.get("version") != _VERSION:
        raise _not_ours()
    return read


def _not_ours() -> Refused:
    return Refused(
        "What the vault has for the application's secrets was written by another version of "
        "liferaft, or by somebody else",
        safe="Nothing was changed.",
        do="Use the version that wrote it, and find out who can write to the vault.",
    )


def _without(those: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in those.items() if key != name}
