import subprocess
from pathlib import Path

import asyncssh
import pytest

from liferaft.failures import Refused
from liferaft.secrets import AppSecrets, public_key


def test_values_are_hidden_and_travel_through_a_document() -> None:
    made = AppSecrets.generate()
    document = made.to_document()
    assert AppSecrets.from_document(document) == made
    assert not any(value in repr(made) for value in document.values())
    assert len(set(document.values())) == len(document) == len(AppSecrets.model_fields)


def test_the_public_key_belongs_to_the_private_one() -> None:
    made = AppSecrets.generate()
    private = asyncssh.import_private_key(made.ssh_private_key.get_secret_value())
    public = asyncssh.import_public_key(made.ssh_public_key)
    assert public.verify(b"data", private.sign(b"data", b"ssh-ed25519"))


def test_every_server_has_a_throw_away_host_key_of_its_own() -> None:
    made = AppSecrets.generate()
    places = [("one", "db-1"), ("one", "app-1"), ("two", "db-1")]
    keys = [public_key(made.throw_away_host_key(*place)) for place in places]
    assert len(set(keys)) == 3
    assert keys == [public_key(made.throw_away_host_key(*place)) for place in places]
    assert all(key.startswith("ssh-ed25519 ") for key in keys)
    assert public_key(AppSecrets.generate().throw_away_host_key("one", "db-1")) not in keys


def test_a_throw_away_key_is_the_same_text_each_time_so_that_a_resumed_deploy_asks_the_same(
    tmp_path: Path,
) -> None:
    made = AppSecrets.generate()
    first, second = (made.throw_away_host_key("one", "db-1").get_secret_value() for _ in range(2))
    assert first == second
    file = tmp_path / "key"
    file.write_text(first)
    file.chmod(0o600)
    said = subprocess.run(["ssh-keygen", "-y", "-f", file], check=True, capture_output=True)
    assert said.stdout.decode().strip() == public_key(made.throw_away_host_key("one", "db-1"))


def test_a_document_of_another_version_is_refused_without_quoting_it() -> None:
    document = dict(AppSecrets.generate().to_document())
    hidden = document.pop("rclone_salt")
    with pytest.raises(Refused, match="rclone_salt") as caught:
        AppSecrets.from_document({**document, "old_name": hidden})
    assert not any(value in str(caught.value) for value in (hidden, *document.values()))
