"""OAuth 2.0 for service accounts:
https://developers.google.com/identity/protocols/oauth2/service-account

Two ways in: an access token that POST /token gave for a signed assertion, or, as Compute Engine's
own SDK prefers, the signed assertion itself as the bearer.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.auth import exceptions, jwt

from liferaft_sandbox.clouds.gcp.errors import ApiError, At, error_info

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from liferaft_sandbox.credentials import ServiceAccount

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME = 3600
"""Seconds that an access token is good for, and the longest that an assertion may be."""
SKEW = 60
_TAKES_NO_SCOPE = frozenset({"storage.googleapis.com"})
"""Believed: Cloud Storage's own client for Python has a token granted for every assertion, and does
not send one with a scope as other SDKs do (google-cloud-storage, google.cloud.client)."""
_decode: Callable[..., Mapping[str, Any]] = jwt.decode  # google-auth leaves it untyped
_AT = At("Authorization", "header")


class Refused(Exception):
    """The token endpoint's own kind of error, RFC 6749 section 5.2; always status 400."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.body = {"error": error, "error_description": description}


@dataclass(frozen=True)
class _Granted:
    email: str
    until: float


class Tokens:
    """`clock` gives seconds since the epoch; the assertions' own times are read by the real one."""

    def __init__(
        self, accounts: Sequence[ServiceAccount], clock: Callable[[], float] = time.time
    ) -> None:
        self._accounts = {account.email: account for account in accounts}
        self._clock = clock
        self._granted: dict[str, _Granted] = {}

    def grant(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The answer of POST /token; raises Refused."""
        if form.get("grant_type") != GRANT:
            raise Refused("unsupported_grant_type", "Invalid grant_type: only JWT bearer here.")
        claims = self._claims(form.get("assertion", ""))
        if not str(claims.get("aud", "")).endswith("/token"):
            raise Refused("invalid_grant", "Invalid JWT: aud must be the token endpoint.")
        if not claims.get("scope"):
            raise Refused("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        token = f"ya29.c.{secrets.token_urlsafe(48)}"
        self._granted[token] = _Granted(claims["iss"], self._clock() + LIFETIME)
        return {"access_token": token, "expires_in": LIFETIME - 1, "token_type": "Bearer"}

    def caller(self, authorization: str, service: str, method: str) -> str:
        """Whose bearer it is; raises the 401 that every Google API answers otherwise."""
        scheme, _, token = authorization.partition(" ")
        if scheme != "Bearer" or not token:
            raise _missing(service, method)
        granted = self._granted.get(token)
        if granted:
            if granted.until > self._clock():
                return granted.email
            raise _unauthenticated("ACCESS_TOKEN_EXPIRED", service, method)
        try:
            claims = self._claims(token)
        except Refused as error:
            raise _unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED", service, method) from error
        aimed = str(claims.get("aud", "")).removeprefix("https://").split("/")[0]
        by_scope = claims.get("scope") and service not in _TAKES_NO_SCOPE
        if not (by_scope or aimed == service):
            raise _unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED", service, method)
        return str(claims["iss"])

    def _claims(self, assertion: str) -> dict[str, Any]:
        """What an assertion says, once its signature and times are good."""
        try:
            unverified = _decode(assertion, verify=False)
            account = self._accounts.get(str(unverified.get("iss")))
            if account is None:
                raise Refused("invalid_grant", "Invalid grant: account not found")
            keys = {account.key_id: account.public_key}
            claims = dict(_decode(assertion, certs=keys, clock_skew_in_seconds=SKEW))
        except exceptions.InvalidValue as error:  # unknown algorithm, too early, too late
            raise Refused("invalid_grant", f"Invalid JWT: {error}") from error
        except (exceptions.MalformedError, ValueError) as error:
            raise Refused("invalid_grant", "Invalid JWT Signature.") from error
        if claims["exp"] - claims["iat"] > LIFETIME:
            raise Refused("invalid_grant", "Invalid JWT: Token must be a short-lived token.")
        return claims


def _missing(service: str, method: str) -> ApiError:
    """https://cloud.google.com/docs/authentication/troubleshoot-adc, "CREDENTIALS_MISSING"."""
    info = error_info("CREDENTIALS_MISSING", service=service, method=method)
    return ApiError(401, "required", "Login Required.", at=_AT, details=(info,))


def _unauthenticated(reason: str, service: str, method: str) -> ApiError:
    return ApiError(
        401,
        "authError",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
        "cookie or other valid authentication credential. See "
        "https://developers.google.com/identity/sign-in/web/devconsole-project.",
        at=_AT,
        details=(error_info(reason, service=service, method=method),),
    )
