"""Who calls Google: the file that GOOGLE_APPLICATION_CREDENTIALS names, of whichever kind it is.

A service account's key, a person's login, or a service account that a person acts as. The file is
named by the operator; nothing looks for one where gcloud keeps its own.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.auth.crypt import RSASigner
from google.auth.exceptions import MalformedError

from liferaft import texts
from liferaft.clouds.credentials import MissingCredential, need
from liferaft.clouds.gcp.tokens import (
    TOKEN_URI,
    Bearer,
    Impersonating,
    Login,
    OfAPerson,
    SelfSigned,
)
from liferaft.failures import BadInput

FILE, PROJECT = "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT"
_KEY, _PERSON, _IMPERSONATED = "service_account", "authorized_user", "impersonated_service_account"
_TARGET = re.compile(r"/serviceAccounts/([^/:]+):generateAccessToken$")


@dataclass(frozen=True)
class Caller:
    """Who calls, for which project, and with which tokens."""

    project: str
    email: str
    """Or what stands for it: a person's login does not tell whose it is."""
    bearer: Bearer

    @classmethod
    def read(cls, credentials: Mapping[str, str]) -> "Caller":
        """From the file that GOOGLE_APPLICATION_CREDENTIALS names. Raises MissingCredential where
        there is none, BadInput where it is none of the three kinds."""
        path = Path(need(credentials, "gcp", FILE))
        try:
            said = json.loads(texts.read_bytes(path))
        except texts.Unreadable as error:
            raise MissingCredential(
                f"{FILE} names {path}, which cannot be read: {error}",
                safe="Nothing was touched.",
                do=f"Point {FILE} at the JSON key of a service account, or at the file of a login.",
            ) from error
        except (ValueError, RecursionError):
            raise _no_use(path, "it is not JSON") from None
        email, bearer = _bearer(path, said)
        project = credentials.get(PROJECT) or said.get("project_id")
        if not project:
            raise _no_use(path, f"it lacks project_id, and {PROJECT} is not set")
        return cls(str(project), email, bearer)


def _bearer(path: Path, said: Any) -> tuple[str, Bearer]:
    kind = said.get("type") if isinstance(said, dict) else None
    if kind == _KEY:
        return _of_key(path, said)
    if kind == _PERSON:
        return str(said.get("account") or "a person's login"), _of_person(path, said)
    if kind == _IMPERSONATED:
        return _impersonating(path, said)
    raise _no_use(path, f"its type is not {_KEY}, {_PERSON} or {_IMPERSONATED}")


def _of_key(path: Path, said: Mapping[str, Any]) -> tuple[str, SelfSigned]:
    _require(path, said, "client_email", "private_key")
    try:
        signer = RSASigner.from_service_account_info(said)  # type: ignore[no-untyped-call]  # google-auth has few types
    except (ValueError, TypeError, MalformedError):
        raise _no_use(path, "its private_key is not an RSA key in PEM") from None
    email = str(said["client_email"])
    return email, SelfSigned(email, signer, str(said.get("token_uri") or TOKEN_URI))


def _of_person(path: Path, said: Mapping[str, Any]) -> OfAPerson:
    names = ("client_id", "client_secret", "refresh_token")
    _require(path, said, *names)
    client, secret, token = (str(said[name]) for name in names)
    return OfAPerson(Login(client, secret, token, str(said.get("token_uri") or TOKEN_URI)))


def _impersonating(path: Path, said: Mapping[str, Any]) -> tuple[str, Impersonating]:
    _require(path, said, "service_account_impersonation_url", "source_credentials")
    url = str(said["service_account_impersonation_url"])
    target = _TARGET.search(url)
    if target is None:
        raise _no_use(path, "its service_account_impersonation_url names no service account")
    source = said["source_credentials"]
    if not isinstance(source, dict) or source.get("type") not in (_KEY, _PERSON):
        raise _no_use(path, f"its source_credentials are no {_KEY} and no {_PERSON}")
    _, bearer = _bearer(path, source)
    delegates = [str(one) for one in said.get("delegates") or []]
    return target[1], Impersonating(bearer, url, delegates)


def _require(path: Path, said: Mapping[str, Any], *names: str) -> None:
    lacking = [name for name in names if not said.get(name)]
    if lacking:
        raise _no_use(path, f"it lacks {' and '.join(lacking)}")


def _no_use(path: Path, reason: str) -> BadInput:
    return BadInput(
        f"{FILE} names {path}, which opens no account: {reason}",
        safe="Nothing was touched.",
        do="Create a JSON key: gcloud iam service-accounts keys create FILE --iam-account=EMAIL. "
        "Where that is forbidden: gcloud auth application-default login "
        "--impersonate-service-account=EMAIL, whose file is named in the end.",
    )
