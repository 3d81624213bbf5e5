"""A blueprint comes back whole for an operator of the application, and from nobody else."""

import dataclasses
from pathlib import Path

import pyrage
import pytest

from liferaft.failures import Refused
from liferaft.recovery import blueprint as room
from liferaft.recovery.blueprint import Blueprint, NoBlueprint
from liferaft.secrets import AppSecrets, CannotOpen, ensure_secrets, seal, unseal
from liferaft.vault import Vault

FILES = {"liferaft.toml": b"[app]\n", "program/__main__.py": b"\x00\xff no text"}
BLUEPRINT = Blueprint(FILES, "liferaft.toml", {"MY_CA": "authorities/MY_CA.pem"}, ("One.",))
KEY = "epoch-00000001/blueprint.age"


@dataclasses.dataclass(frozen=True)
class Operator:
    identity_file: Path
    recipient: str


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    identity, file = pyrage.x25519.Identity.generate(), tmp_path / "identity"
    file.touch(mode=0o600)
    file.write_text(str(identity))
    return Operator(file, str(identity.to_public()))


@pytest.fixture
def secrets(vault: Vault, operator: Operator) -> AppSecrets:
    return ensure_secrets(
        vault, 1, recipients=[operator.recipient], identity_file=operator.identity_file
    )


@pytest.fixture
def kept(vault: Vault, operator: Operator, secrets: AppSecrets) -> Vault:
    """A vault in which the first reign has a blueprint."""
    room.keep(
        *(vault, 1, BLUEPRINT),
        secrets=secrets,
        recipients=[operator.recipient],
        at="2026-11-30T08:00:00+00:00",
    )
    return vault


def test_it_comes_back_to_the_byte_with_the_identity_alone(kept: Vault, operator: Operator) -> None:
    found = room.newest(kept, 1, operator.identity_file)
    assert found.blueprint == BLUEPRINT
    assert (found.epoch, found.at) == (1, "2026-11-30T08:00:00+00:00")


def test_nothing_of_it_can_be_read_in_the_vault(kept: Vault) -> None:
    assert b"liferaft.toml" not in kept.get(KEY)


def test_a_later_reign_without_one_has_the_one_of_before(kept: Vault, operator: Operator) -> None:
    assert room.newest(kept, 3, operator.identity_file).epoch == 1


def test_without_any_it_is_said_where_the_files_have_to_come_from(
    vault: Vault, operator: Operator
) -> None:
    with pytest.raises(NoBlueprint, match="holds no blueprint"):
        room.newest(vault, 2, operator.identity_file)


def test_somebody_elses_identity_does_not_open_it(kept: Vault, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.touch(mode=0o600)
    other.write_text(str(pyrage.x25519.Identity.generate()))
    with pytest.raises(CannotOpen):
        room.newest(kept, 1, other)


def test_one_that_a_thief_of_a_servers_key_planted_is_refused(
    kept: Vault, operator: Operator, secrets: AppSecrets
) -> None:
    """He knows what servers know, and the operators' public keys: not the Pulumi passphrase."""
    known = secrets.model_copy(update={"pulumi_passphrase": secrets.rclone_password})
    evil = Blueprint({"liferaft.toml": b"", "__main__.py": b"import os"}, "liferaft.toml")
    room.keep(kept, 1, evil, secrets=known, recipients=[operator.recipient], at="2026-11-30")
    with pytest.raises(Refused, match="not kept by an operator"):
        room.newest(kept, 1, operator.identity_file)


def test_a_changed_letter_is_refused(kept: Vault, operator: Operator) -> None:
    document = unseal(kept.get(KEY), operator.identity_file)
    document["content"] = document["content"].replace("One.", "Two.")
    kept.put(KEY, seal(document, [operator.recipient]))
    with pytest.raises(Refused, match="its code is wrong"):
        room.newest(kept, 1, operator.identity_file)


@pytest.mark.parametrize("path", ["../liferaft.toml", "/etc/passwd", "a/../../b", ""])
def test_a_file_outside_of_its_folder_is_refused(
    path: str, kept: Vault, operator: Operator, secrets: AppSecrets
) -> None:
    led_away = Blueprint({path: b""}, "liferaft.toml")
    room.keep(kept, 1, led_away, secrets=secrets, recipients=[operator.recipient], at="2026")
    with pytest.raises(Refused, match="outside of its folder"):
        room.newest(kept, 1, operator.identity_file)


def test_one_of_a_newer_version_is_refused_by_its_form(
    kept: Vault, operator: Operator, secrets: AppSecrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "VERSION", 2)
    room.keep(kept, 1, BLUEPRINT, secrets=secrets, recipients=[operator.recipient], at="2026")
    monkeypatch.undo()
    with pytest.raises(Refused, match=r"form 2"):
        room.newest(kept, 1, operator.identity_file)


def test_the_digest_is_of_the_content_and_not_of_its_order() -> None:
    turned = dataclasses.replace(BLUEPRINT, files=dict(reversed(FILES.items())))
    assert turned.digest == BLUEPRINT.digest
    assert dataclasses.replace(BLUEPRINT, files={}).digest != BLUEPRINT.digest
