"""The tokens that calls carry: signed here, granted by Google's token endpoint, or lent.

google-auth's own credentials would look up regions at iamcredentials.googleapis.com in the
background and retry by themselves; these ask what they say, once.
"""

import json
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from google.auth import jwt
from google.auth.credentials import Credentials
from google.auth.exceptions import RefreshError, TransportError

TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105  # an address
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
LIFETIME = 3600
"""Seconds; the longest that Google accepts."""
_BY_ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_SERVER = 500


class Bearer(Credentials):
    """What the calls of one account carry. Subclasses say where a new token comes from."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # google-auth has few types
        self._refused = ""

    def note_refusal(self, authorization: str) -> None:
        """A service has answered 401 to this header."""
        self._refused = authorization.removeprefix("Bearer ")

    def refresh(self, request: Any) -> None:
        """A new token, unless another thread has just brought one. Raises RefreshError.

        One that was refused stays where no other is to be had: then the service's own refusal comes
        again, which says more.
        """
        if self.valid and self.token != self._refused:
            return
        try:
            token, seconds = self._new(request, refused=self.valid)
        except (RefreshError, TransportError):
            if self.valid:
                return
            raise
        now = datetime.now(UTC)
        # google-auth compares with a time without a zone.
        self.expiry = (now + timedelta(seconds=seconds)).replace(tzinfo=None)
        self.token = token

    @abstractmethod
    def _new(self, request: Any, *, refused: bool) -> tuple[str, float]:
        """A token, and the seconds that it is good for. `refused`: the one before was not taken."""


class SelfSigned(Bearer):
    """Signs its own tokens: no other service of Google's has to be alive for a call.

    https://google.aip.dev/auth/4111 . Compute Engine's SDK does so by itself. Cloud Storage's asks
    the token endpoint for every token, and is reported to refuse others: after a 401 this asks
    it as well, from then on; where that gives none, a call to Compute Engine is signed here again.
    """

    def __init__(self, email: str, signer: Any, token_uri: str = TOKEN_URI) -> None:
        super().__init__()
        self._email, self._signer, self._token_uri = email, signer, token_uri
        self._asks = False

    def _new(self, request: Any, *, refused: bool) -> tuple[str, float]:
        if not refused and not self._asks:
            return self._signed(), LIFETIME
        form = {"grant_type": _BY_ASSERTION, "assertion": self._signed(aud=self._token_uri)}
        try:
            granted = _granted(request, self._token_uri, form)
        except (RefreshError, TransportError):
            if refused:
                raise
            return self._signed(), LIFETIME
        self._asks = True
        return granted

    def _signed(self, **more: str) -> str:
        now = int(datetime.now(UTC).timestamp())
        who = {"iss": self._email, "sub": self._email, "scope": SCOPE}
        claims = {**who, "iat": now, "exp": now + LIFETIME, **more}
        return str(jwt.encode(self._signer, claims).decode())  # type: ignore[no-untyped-call]  # as above


@dataclass(frozen=True)
class Login:
    """A person's login, as `gcloud auth application-default login` keeps it in a file."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    token_uri: str = TOKEN_URI


class OfAPerson(Bearer):
    """Asks the token endpoint for every token."""

    def __init__(self, login: Login) -> None:
        super().__init__()
        self._login = login

    def _new(self, request: Any, *, refused: bool) -> tuple[str, float]:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._login.client_id,
            "client_secret": self._login.client_secret,
            "refresh_token": self._login.refresh_token,
        }
        return _granted(request, self._login.token_uri, form)


class Impersonating(Bearer):
    """Acts as a service account that lends its tokens to whom `source` is.

    https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
    """

    def __init__(self, source: Bearer, url: str, delegates: list[str]) -> None:
        super().__init__()
        self._source, self._url, self._delegates = source, url, delegates

    def _new(self, request: Any, *, refused: bool) -> tuple[str, float]:
        self._source.refresh(request)
        wanted = {"scope": [SCOPE], "delegates": self._delegates, "lifetime": f"{LIFETIME}s"}
        headers = {
            "Authorization": f"Bearer {self._source.token}",
            "Content-Type": "application/json",
        }
        said = _posted(request, self._url, json.dumps(wanted), headers)
        with _understood(self._url):
            until = datetime.fromisoformat(str(said["expireTime"]))
            return str(said["accessToken"]), (until - datetime.now(UTC)).total_seconds()


def _granted(request: Any, url: str, form: Mapping[str, str]) -> tuple[str, float]:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    said = _posted(request, url, urlencode(form), headers)
    with _understood(url):
        return str(said["access_token"]), float(said.get("expires_in", LIFETIME))


@contextmanager
def _understood(url: str) -> Iterator[None]:
    """An answer that is no token comes of something on the way: RefreshError."""
    try:
        yield
    except (KeyError, TypeError, ValueError):
        why = f"{url} gives no token: its answer is not one"
        raise RefreshError(why, retryable=True) from None  # type: ignore[no-untyped-call]  # as above


def _posted(request: Any, url: str, body: str, headers: Mapping[str, str]) -> Mapping[str, Any]:
    """The answer. Raises TransportError where there is none, RefreshError for a refusal."""
    answer = request(url=url, method="POST", headers=dict(headers), body=body.encode())
    try:
        said = json.loads(answer.data)
    except ValueError:
        said = {}
    if answer.status != 200 or not isinstance(said, dict):  # noqa: PLR2004  # HTTP's own number
        retryable = answer.status >= _SERVER
        raise RefreshError(_why(url, answer.status, said), retryable=retryable)  # type: ignore[no-untyped-call]  # as above
    return said


def _why(url: str, status: int, said: Any) -> str:
    """Without the tokens that were sent, and without an answer's that was not understood."""
    told = said.get("error") if isinstance(said, dict) else None
    if isinstance(told, dict):
        told = told.get("message")
    more = said.get("error_description") if isinstance(said, dict) else None
    words = ": ".join(str(one) for one in (told, more) if one)
    return f"{url} gives no token: HTTP status {status}{f', {words}' if words else ''}"
