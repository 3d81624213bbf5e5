"""The key file of a service account, and the credential that is made of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from google.auth import jwt
from google.auth.credentials import Credentials
from google.auth.crypt import RSASigner
from google.auth.exceptions import MalformedError

from liferaft import texts
from liferaft.clouds.credentials import MissingCredential, need
from liferaft.failures import BadInput

FILE, PROJECT = "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
LIFETIME = 3600
"""Seconds; the longest that Google accepts."""


@dataclass(frozen=True)
class ServiceAccountKey:
    """Whose key it is, and for which project it is used."""

    project: str
    email: str
    signer: Any = field(repr=False)

    @classmethod
    def read(cls, credentials: Mapping[str, str]) -> "ServiceAccountKey":
        """From the file that GOOGLE_APPLICATION_CREDENTIALS names. Raises MissingCredential where
        there is none, BadInput where it is not the key of a service account."""
        path = Path(need(credentials, "gcp", FILE))
        try:
            said = json.loads(texts.read_bytes(path))
        except texts.Unreadable as error:
            raise MissingCredential(
                f"{FILE} names {path}, which cannot be read: {error}",
                safe="Nothing was touched.",
                do=f"Point {FILE} at the JSON key of a service account.",
            ) from error
        except (ValueError, RecursionError):
            raise _no_key(path, "it is not JSON") from None
        if not isinstance(said, dict) or said.get("type") != "service_account":
            raise _no_key(path, "its type is not service_account")
        lacking = [name for name in ("client_email", "private_key") if not said.get(name)]
        if lacking:
            raise _no_key(path, f"it lacks {' and '.join(lacking)}")
        project = credentials.get(PROJECT) or said.get("project_id")
        if not project:
            raise _no_key(path, f"it lacks project_id, and {PROJECT} is not set")
        try:
            signer = RSASigner.from_service_account_info(said)  # type: ignore[no-untyped-call]  # google-auth has few types
        except (ValueError, TypeError, MalformedError):
            raise _no_key(path, "its private_key is not an RSA key in PEM") from None
        return cls(str(project), str(said["client_email"]), signer)


class SelfSigned(Credentials):
    """Signs its own tokens: no other service of Google's has to be alive for a call.

    https://google.aip.dev/auth/4111 . The credentials that google-auth has for service accounts
    would ask iamcredentials.googleapis.com in the background, whatever the endpoint.
    """

    def __init__(self, key: ServiceAccountKey) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self._key = key

    def refresh(self, request: object) -> None:
        """A new token; asks nobody."""
        now = datetime.now(UTC)
        claims = {
            "iss": self._key.email,
            "sub": self._key.email,
            "scope": SCOPE,
            "iat": int(now.timestamp()),
            "exp": int(now.timestamp()) + LIFETIME,
        }
        self.token = jwt.encode(self._key.signer, claims).decode()  # type: ignore[no-untyped-call]  # as above
        # google-auth compares with a time without a zone.
        self.expiry = (now + timedelta(seconds=LIFETIME)).replace(tzinfo=None)


def _no_key(path: Path, reason: str) -> BadInput:
    return BadInput(
        f"{FILE} names {path}, which is not the key of a service account: {reason}",
        safe="Nothing was touched.",
        do="Create a JSON key: gcloud iam service-accounts keys create FILE --iam-account=EMAIL.",
    )
