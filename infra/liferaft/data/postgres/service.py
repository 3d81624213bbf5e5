"""What the service of the Compose file whose place the database takes asks for: pure.

The variables are those of the official image, which others read as well.
https://github.com/docker-library/docs/blob/master/postgres/README.md#environment-variables
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from liferaft.compose.findings import ComposeFinding, ComposeInvalid
from liferaft.compose.replaced import ReplacedService
from liferaft.compose.secret_marks import filled, names_in
from liferaft.data.postgres.names import unusable
from liferaft.data.postgres.startup import NotStarted, initdb_locale, settings_of
from liferaft.failures import BadInput

_USER: Final = "POSTGRES_USER"
_PASSWORD: Final = "POSTGRES_PASSWORD"  # noqa: S105 - the name of a variable
_DATABASE: Final = "POSTGRES_DB"
_INITDB: Final = "POSTGRES_INITDB_ARGS"
_TRUST: Final = "POSTGRES_HOST_AUTH_METHOD"
_PORT: Final = "PGPORT"
_STANDARD_PORT: Final = "5432"
_SCRIPTS: Final = "/docker-entrypoint-initdb.d"
_DEFAULT_USER: Final = "postgres"


@dataclass(frozen=True)
class AskedDatabase:
    """What the others dial, and as whom.

    Attributes:
        password: as the file has it: marks may stand in it for secrets of the application's.
        names: by which they find it.
        settings: what its command line sets.
        locale: None where nothing is said of it.
    """

    name: str
    role: str
    password: str = field(repr=False)
    names: tuple[str, ...]
    settings: Mapping[str, str]
    locale: str | None


def asked_of(service: ReplacedService, path: Path) -> AskedDatabase:
    """What it asks for. path: of the Compose file. Raises ComposeInvalid with all that a server
    cannot honour."""
    reader = _Reader(service)
    asked = reader.read()
    if reader.findings:
        raise ComposeInvalid(path, reader.findings)
    return asked


def is_usable(password: str) -> bool:
    """Whether liferaft can make a verifier of a password: letters, digits and marks of ASCII."""
    return password.isascii() and password.isprintable()


def objection_to(asked: AskedDatabase | None, secret: str, value: str) -> str | None:
    """Why the database's password cannot be made with this value of a secret. Pure."""
    if asked is None or secret not in names_in(asked.password) or is_usable(value.rstrip("\n")):
        return None
    return "is the database's password, which has letters, digits and marks of ASCII alone"


def with_secrets(password: str, values: Mapping[str, str]) -> str:
    """A password of the file with the values of secrets; without a line's end behind it, as the
    image takes what lies in a file. Raises BadInput, without it, for one that is no password."""
    told = filled(password, values).rstrip("\n")
    if not (told and is_usable(told)):
        secrets = " and ".join(dict.fromkeys(names_in(password)))
        raise BadInput(
            f"The database's password, of secret {secrets}, "
            "holds a character that liferaft cannot make a verifier of, or none at all",
            safe="The database has the password that it had.",
            do="Give it another one, of letters, digits and marks of ASCII: "
            "`liferaft secrets rotate NAME`.",
        )
    return told


class _Reader:
    def __init__(self, service: ReplacedService) -> None:
        self.findings: list[ComposeFinding] = []
        self._service = service
        self._told = dict(service.service.environment)

    def read(self) -> AskedDatabase:
        role = self._open(_USER, self._value(_USER)) or _DEFAULT_USER
        name = self._open(_DATABASE, self._value(_DATABASE)) or role
        self._usable(_USER, "role", role)
        self._usable(_DATABASE, "database", name)
        self.findings += self._objections()
        return AskedDatabase(
            name=name,
            role=role,
            password=self._password(),
            names=self._service.names,
            settings=self._settings(),
            locale=self._locale(),
        )

    def _value(self, variable: str) -> str:
        """As the image's own entrypoint takes it: by itself, or out of a file."""
        given, file = self._told.get(variable, ""), self._told.get(f"{variable}_FILE", "")
        if given and file:
            reason = f"{variable} and {variable}_FILE both say it"
            self._find("environment", f"{variable}_FILE", reason, "one of them")
        if not file:
            return given
        content = self._service.content(file)
        if content is None:
            self._find(
                "environment",
                f"{variable}_FILE",
                f"no file of yours is mounted at {file}",
                "a secret of the Compose file, or a file beside it that is mounted there",
            )
            return ""
        try:
            return content.decode().rstrip("\n")
        except UnicodeDecodeError:
            self._find("environment", f"{variable}_FILE", f"{file} holds no text", "a text")
            return ""

    def _open(self, variable: str, value: str) -> str:
        """The value, which is no secret: plans and the database's own files have it."""
        secrets = names_in(value)
        if secrets:
            reason = f"{variable} would be secret {secrets[0]}, and no secret stands in its place"
            self._find("environment", variable, reason, f"{variable} as a text, or out of .env")
        return "" if secrets else value

    def _password(self) -> str:
        found = self._value(_PASSWORD)
        if not found:
            if f"{_PASSWORD}_FILE" not in self._told:
                reason = "the database has no password, and nobody is let in without one"
                self._find("environment", _PASSWORD, reason, f"{_PASSWORD}: ${{NAME}}, and .env")
        elif not is_usable(filled(found, dict.fromkeys(names_in(found), "x"))):
            reason = f"{_PASSWORD} holds a character that liferaft cannot make a verifier of"
            self._find("environment", _PASSWORD, reason, "letters, digits and marks of ASCII")
        return found

    def _usable(self, variable: str, what: str, name: str) -> None:
        reason = unusable(what, name)
        if reason:
            valid = f"another name in {_USER} and {_DATABASE}, and in what the others are told"
            self._find("environment", variable, reason, valid)

    def _objections(self) -> Iterator[ComposeFinding]:
        if self._told.get(_TRUST) == "trust":
            yield self._service.found(
                "environment",
                _TRUST,
                "nobody is let in without a password here",
                f"{_PASSWORD}, and the same in what the others are told",
            )
        if self._told.get(_PORT, _STANDARD_PORT) != _STANDARD_PORT:
            yield self._service.found(
                "environment", _PORT, "the database is at port 5432", f"no {_PORT}"
            )
        for mount in self._service.service.volumes:
            if mount.target == _SCRIPTS or mount.target.startswith(f"{_SCRIPTS}/"):
                yield self._service.found(
                    "volumes",
                    "",
                    f"{mount.written}: scripts of a database's first start are not run",
                    "what they make, as `databases`, `roles` and `extensions` of the data set in "
                    "liferaft.toml; and `volumes: !reset []` in a file of app.overrides",
                )

    def _settings(self) -> Mapping[str, str]:
        service = self._service.service
        if service.entrypoint is not None:
            self._find("entrypoint", "", "an entrypoint of one's own is not run", "none")
        try:
            return settings_of(service.command or ())
        except NotStarted as no:
            self._find("command", "", str(no), no.valid)
        return {}

    def _locale(self) -> str | None:
        try:
            return initdb_locale(self._open(_INITDB, self._told.get(_INITDB, "")))
        except NotStarted as no:
            self._find("environment", _INITDB, str(no), no.valid)
        return None

    def _find(self, key: str, inside: str, reason: str, valid: str) -> None:
        self.findings.append(self._service.found(key, inside, reason, valid))
