"""Which tokens calls to Google carry, from stand-in token servers and from the simulated Google."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from tests.clouds.gcp_key import private_key, write_key
from tests.contract.home import HURRY
from tests.contract.worlds.gcp import KEY_FILE, GcpWorld, gcp_world
from tests.contract.worlds.http import NOWHERE
from tests.contract.worlds.line import Asked, Real, served
from werkzeug.wrappers import Request as Wanted
from werkzeug.wrappers import Response

from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.contract import Cloud, Owner
from liferaft.clouds.gcp.errors import classify
from liferaft.clouds.gcp.key import FILE, PROJECT, Caller
from liferaft.clouds.kinds import AddressSpec, BucketSpec
from liferaft.failures import BadInput

OWNER = Owner.of("urn:thing", app="chirp", site="gcp", epoch=1)
EMAIL = "liferaft@chirp-lab.iam.gserviceaccount.com"
LOGIN = {
    "type": "authorized_user",
    "client_id": "gcloud.apps.googleusercontent.com",
    "client_secret": "not-so-secret",
    "refresh_token": "1//long-lived",
}


@dataclass
class TokenServer:
    """Grants what it is asked for, and remembers."""

    url: str = ""
    status: int = 200
    instead: dict[str, Any] | None = None
    """What it says in place of a token."""
    asked: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        wanted = Wanted(environ)
        said = wanted.get_json() if wanted.is_json else wanted.form.to_dict()
        self.asked.append((wanted.path, said, wanted.headers.get("Authorization", "")))
        until = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        told: dict[str, Any] = {"access_token": "ya29.person", "expires_in": 3599}
        if wanted.path.endswith(":generateAccessToken"):
            told = {"accessToken": "ya29.lent", "expireTime": until}
        if self.status != 200:
            told = {"error": "invalid_grant", "error_description": "Token has been revoked."}
        told = told if self.instead is None else self.instead
        answer = Response(json.dumps(told), self.status, mimetype="application/json")
        return answer(environ, start_response)


@pytest.fixture
def server() -> Iterator[TokenServer]:
    standing = TokenServer()
    with served(standing) as url:
        standing.url = url
        yield standing


def read(folder: Path, said: dict[str, Any]) -> Caller:
    path = folder / "login.json"
    path.write_text(json.dumps(said))
    return Caller.read({FILE: str(path), PROJECT: "chirp-lab"})


def request() -> Any:
    return Request(requests.Session())


def test_a_persons_login_is_asked_for_a_token_and_for_no_second_one(
    server: TokenServer, tmp_path: Path
) -> None:
    caller = read(tmp_path, {**LOGIN, "token_uri": f"{server.url}/token"})
    caller.bearer.refresh(request())
    caller.bearer.refresh(request())
    assert (caller.bearer.token, caller.bearer.valid) == ("ya29.person", True)
    ((_, form, _),) = server.asked
    assert form["grant_type"] == "refresh_token"
    assert form["refresh_token"] == LOGIN["refresh_token"]
    assert "1//long-lived" not in repr(caller)


def test_a_login_without_a_project_says_which_variable_names_it(tmp_path: Path) -> None:
    path = tmp_path / "login.json"
    path.write_text(json.dumps(LOGIN))
    with pytest.raises(BadInput, match=PROJECT):
        Caller.read({FILE: str(path)})


@pytest.mark.parametrize("is_a_person", [True, False])
def test_a_service_account_is_impersonated_by_a_person_or_another_one(
    server: TokenServer, tmp_path: Path, *, is_a_person: bool
) -> None:
    url = f"{server.url}/v1/projects/-/serviceAccounts/{EMAIL}:generateAccessToken"
    key = {"type": "service_account", "client_email": "a@b", "private_key": private_key()}
    source = {**LOGIN, "token_uri": f"{server.url}/token"} if is_a_person else key
    said = {"service_account_impersonation_url": url, "source_credentials": source}
    caller = read(tmp_path, {"type": "impersonated_service_account", **said})
    assert caller.email == EMAIL
    caller.bearer.refresh(request())
    assert (caller.bearer.token, caller.bearer.valid) == ("ya29.lent", True)
    path, wanted, bearer = server.asked[-1]
    assert path.endswith(f"{EMAIL}:generateAccessToken")
    assert wanted["scope"] == ["https://www.googleapis.com/auth/cloud-platform"]
    assert bearer.startswith("Bearer ya29.person" if is_a_person else "Bearer ey")


@pytest.mark.parametrize(("status", "verdict"), [(400, Verdict.AMBIGUOUS), (503, Verdict.OUTAGE)])
def test_a_login_that_was_revoked_is_no_outage_and_shows_no_secret(
    server: TokenServer, tmp_path: Path, status: int, verdict: Verdict
) -> None:
    server.status = status
    caller = read(tmp_path, {**LOGIN, "token_uri": f"{server.url}/token"})
    with pytest.raises(RefreshError) as refused:
        caller.bearer.refresh(request())
    meaning = classify(refused.value)
    assert meaning.verdict is verdict
    assert "invalid_grant: Token has been revoked." in meaning.message
    assert "long-lived" not in meaning.message


@pytest.mark.parametrize("instead", [{}, {"access_token": "ya29.x", "expires_in": "soon"}])
def test_an_answer_that_is_no_token_is_an_outage_of_who_gives_them(
    server: TokenServer, tmp_path: Path, instead: dict[str, Any]
) -> None:
    server.instead = instead
    caller = read(tmp_path, {**LOGIN, "token_uri": f"{server.url}/token"})
    with pytest.raises(RefreshError) as refused:
        caller.bearer.refresh(request())
    assert classify(refused.value).verdict is Verdict.OUTAGE
    assert "ya29" not in str(refused.value)


def test_a_key_signs_for_itself_again_where_the_token_endpoint_is_gone(
    server: TokenServer, tmp_path: Path
) -> None:
    """Cloud Storage had refused that; a failover's servers must not wait for the endpoint."""
    key = {"type": "service_account", "client_email": EMAIL, "private_key": private_key()}
    bearer = read(tmp_path, {**key, "token_uri": f"{server.url}/token"}).bearer
    bearer.refresh(request())
    bearer.note_refusal(f"Bearer {bearer.token}")
    bearer.refresh(request())
    assert bearer.token == "ya29.person"
    server.status = 503
    bearer.expiry = datetime(2020, 1, 1)  # noqa: DTZ001  # google-auth's have no zone
    bearer.refresh(request())
    assert bearer.valid
    assert str(bearer.token).startswith("ey")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[GcpWorld]:
    with gcp_world(tmp_path) as started:
        yield started


def tokens_asked(world: GcpWorld) -> list[str]:
    """Grows as the token endpoint is asked."""
    asked: list[str] = []

    def note(one: Asked, _: Real) -> None:
        if one.path == "/token":
            asked.append(one.path)

    world.line.faults.append(note)
    return asked


@pytest.mark.sandbox
def test_a_token_that_cloud_storage_refuses_is_exchanged_once(world: GcpWorld) -> None:
    asked, cloud = tokens_asked(world), world.open(HURRY)
    cloud.kinds["bucket"].create(BucketSpec("chirp-media"), OWNER)
    assert cloud.kinds["bucket"].read("chirp-media") is not None
    assert len(asked) == 1


@pytest.mark.sandbox
def test_compute_engine_is_called_without_asking_for_a_token(world: GcpWorld) -> None:
    asked = tokens_asked(world)
    world.open(HURRY).kinds["address"].create(AddressSpec("entry"), OWNER)
    assert asked == []


def _with_a_token_endpoint_at(world: GcpWorld, url: str) -> Cloud:
    path = Path(world.credentials[KEY_FILE])
    path.write_text(json.dumps({**json.loads(path.read_text()), "token_uri": f"{url}/token"}))
    return world.open(HURRY)


@pytest.mark.sandbox
@pytest.mark.parametrize("answers", [True, False])
def test_where_the_token_endpoint_does_not_help_the_services_refusal_is_told(
    world: GcpWorld, server: TokenServer, *, answers: bool
) -> None:
    server.status = 400
    cloud = _with_a_token_endpoint_at(world, server.url if answers else NOWHERE)
    with pytest.raises(CloudFailure) as refused:
        cloud.kinds["bucket"].create(BucketSpec("chirp-media"), OWNER)
    meaning = refused.value.classification
    assert (meaning.verdict, meaning.code) == (Verdict.AMBIGUOUS, "ACCESS_TOKEN_TYPE_UNSUPPORTED")


def test_a_key_file_that_says_no_token_endpoint_has_googles(tmp_path: Path) -> None:
    path = write_key(tmp_path, token_uri=None)
    assert vars(Caller.read({FILE: str(path)}).bearer)["_token_uri"] == (
        "https://oauth2.googleapis.com/token"
    )
