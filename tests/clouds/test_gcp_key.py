from pathlib import Path

import pytest
from google.auth import jwt
from tests.clouds.gcp_key import private_key, write_key

from liferaft.clouds.credentials import MissingCredential
from liferaft.clouds.gcp.key import FILE, Caller
from liferaft.failures import BadInput


def test_the_project_is_the_keys_own_unless_another_is_named(tmp_path: Path) -> None:
    given = {FILE: str(write_key(tmp_path))}
    assert Caller.read(given).project == "chirp-lab"
    assert Caller.read({**given, "GOOGLE_CLOUD_PROJECT": "other"}).project == "other"


def test_a_key_file_that_is_not_there_is_a_missing_credential(tmp_path: Path) -> None:
    with pytest.raises(MissingCredential, match="cannot be read: No such file"):
        Caller.read({FILE: str(tmp_path / "nowhere.json")})


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"type": "external_account"}, "its type is not service_account, authorized_user"),
        ({"type": "authorized_user"}, "it lacks client_id and client_secret and refresh_token"),
        ({"type": "impersonated_service_account"}, "it lacks service_account_impersonation_url"),
        ({"client_email": "", "private_key": ""}, "it lacks client_email and private_key"),
        ({"project_id": None}, "it lacks project_id"),
        ({"private_key": "-----BEGIN PRIVATE KEY-----\nnothing\n"}, "not an RSA key in PEM"),
    ],
)
def test_what_is_not_the_key_of_a_service_account_says_why(
    tmp_path: Path, changed: dict[str, str | None], reason: str
) -> None:
    with pytest.raises(BadInput, match=reason) as refused:
        Caller.read({FILE: str(write_key(tmp_path, **changed))})
    assert "gcloud iam service-accounts keys create" in refused.value.facts.do


@pytest.mark.parametrize("text", ["", "[]", "not json"])
def test_a_file_of_something_else_is_bad_input(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(text)
    with pytest.raises(BadInput, match="which opens no account"):
        Caller.read({FILE: str(path)})


def test_the_private_key_is_in_no_message_and_in_no_repr(tmp_path: Path) -> None:
    key = Caller.read({FILE: str(write_key(tmp_path))})
    secret = private_key().splitlines()[1]
    assert secret not in repr(key)
    with pytest.raises(BadInput) as refused:
        Caller.read({FILE: str(write_key(tmp_path, type="other"))})
    assert secret not in repr(refused.value.facts)


def test_a_token_is_signed_here_and_asks_nobody(tmp_path: Path) -> None:
    credential = Caller.read({FILE: str(write_key(tmp_path))}).bearer
    assert not credential.valid
    credential.refresh(None)
    claims = jwt.decode(credential.token, verify=False)  # type: ignore[no-untyped-call]  # google-auth has few types
    assert claims["iss"] == claims["sub"] == "liferaft@chirp-lab.iam.gserviceaccount.com"
    assert claims["scope"].endswith("/cloud-platform")
    assert claims["exp"] - claims["iat"] == 3600
    assert credential.valid
    assert not credential.expired
