"""What is signed here is what OpenSSH would have signed, and what OpenSSH checks."""

import subprocess
from pathlib import Path

import pytest

from liferaft.secrets import AppSecrets, Signer

SPACE = "liferaft-report"
BODY = b"Whatever was said. \x00\xff\n"


@pytest.fixture(scope="module")
def secrets() -> AppSecrets:
    return AppSecrets.generate()


@pytest.fixture
def signer(secrets: AppSecrets) -> Signer:
    return Signer.of("chirp", SPACE, secrets)


def checked(folder: Path, signer: Signer, signature: bytes, body: bytes, space: str) -> bool:
    (folder / "allowed").write_text(signer.allowed_signers)
    (folder / "signature").write_bytes(signature)
    asked = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", "chirp", "-n", space]
    ran = subprocess.run(
        [*asked, "-s", "signature"], cwd=folder, input=body, check=False, capture_output=True
    )
    return ran.returncode == 0


@pytest.mark.parametrize("body", [b"", BODY, b"x" * 100_000])
def test_it_is_to_the_byte_what_ssh_keygen_makes(
    signer: Signer, secrets: AppSecrets, tmp_path: Path, body: bytes
) -> None:
    key = tmp_path / "key"
    key.touch(mode=0o600)
    key.write_text(secrets.ssh_private_key.get_secret_value())
    made = subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-f", key, "-n", SPACE],
        input=body,
        check=True,
        capture_output=True,
    )
    assert signer.sign(body) == made.stdout


def test_ssh_keygen_takes_it_and_no_other_byte_key_or_purpose(
    signer: Signer, tmp_path: Path
) -> None:
    signature = signer.sign(BODY)
    assert checked(tmp_path, signer, signature, BODY, SPACE)
    assert not checked(tmp_path, signer, signature, BODY + b".", SPACE)
    assert not checked(tmp_path, signer, signature, BODY, "file")
    other = Signer.of("chirp", SPACE, AppSecrets.generate())
    assert not checked(tmp_path, other, signature, BODY, SPACE)


def test_the_key_does_not_show(signer: Signer, secrets: AppSecrets) -> None:
    private = secrets.ssh_private_key.get_secret_value().splitlines()[1]
    assert private not in repr(signer)
    assert private not in signer.allowed_signers
    assert private.encode() not in signer.sign(BODY)
