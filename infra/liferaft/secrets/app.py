"""The app's secrets: made once, carried from epoch to epoch."""

import base64
import hashlib
import secrets
import textwrap
from collections.abc import Mapping
from typing import Any, Self

import asyncssh
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from liferaft.failures import Refused

_SECRET_BYTES = 32  # 256 bits: more than any of the uses below can hold
_KEY_TYPE = b"ssh-ed25519"


class AppSecrets(BaseModel):
    """Everything secret that a site needs to be brought up. Values never show in `repr`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    postgres_password: SecretStr
    pgbackrest_cipher_pass: SecretStr
    rclone_password: SecretStr
    rclone_salt: SecretStr
    app_secret_key: SecretStr
    pulumi_passphrase: SecretStr
    ssh_private_key: SecretStr
    """OpenSSH format; what the operators' side logs in to hosts with."""
    host_key_seed: SecretStr

    @classmethod
    def generate(cls) -> Self:
        """Fresh values, hexadecimal: safe in URLs, ini files and as arguments."""
        drawn = {
            name: SecretStr(secrets.token_hex(_SECRET_BYTES))
            for name in cls.model_fields
            if name != "ssh_private_key"
        }
        return cls(ssh_private_key=_openssh(Ed25519PrivateKey.generate()), **drawn)

    def with_database_password(self) -> Self:
        """The same, but for a fresh password of the database's."""
        drawn = SecretStr(secrets.token_hex(_SECRET_BYTES))
        return self.model_copy(update={"postgres_password": drawn})

    @property
    def ssh_public_key(self) -> str:
        """The line for authorized_keys that lets `ssh_private_key` in."""
        return public_key(self.ssh_private_key)

    def throw_away_host_key(self, site: str, server: str) -> SecretStr:
        """The private host key that a new server is started with (OpenSSH format).

        User data carries it, so it is good for the first connection only: that makes the host
        generate its own. It is derived, so that no epoch has to store the keys of servers to come.
        """
        seed = HKDF(
            algorithm=hashes.SHA256(), length=32, salt=None, info=f"{site}/{server}".encode()
        ).derive(self.host_key_seed.get_secret_value().encode())
        return _openssh(Ed25519PrivateKey.from_private_bytes(seed))

    def to_document(self) -> Mapping[str, str]:
        """All values in clear, to be sealed."""
        return {name: value.get_secret_value() for name, value in self}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Raises Refused for a document of another version, quoting no value."""
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            raise Refused(
                f"The app's secrets were stored by another version of liferaft: {error}",
                safe="Nothing was changed.",
                do="Use the version that stored them.",
            ) from None


def public_key(private_key: SecretStr) -> str:
    """The public half of an OpenSSH private key, as in known_hosts: `ssh-ed25519 AAAA…`."""
    key = asyncssh.import_private_key(private_key.get_secret_value())
    return key.export_public_key().decode().strip()


def _openssh(key: Ed25519PrivateKey) -> SecretStr:
    """The private key as ssh-keygen writes it, the same text each time.

    cryptography draws the check number of the format at random; then the user data of a server,
    and with it what a resumed deploy asks for, would never be the same again. The format:
    https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key
    """
    raw, public = key.private_bytes_raw(), key.public_key().public_bytes_raw()
    named = _field(_KEY_TYPE) + _field(public)
    check = hashlib.sha256(public).digest()[:4]
    private = check * 2 + named + _field(raw + public) + _field(b"")
    private += bytes(range(1, -len(private) % 8 + 1))
    head = b"openssh-key-v1\0" + _field(b"none") * 2 + _field(b"") + (1).to_bytes(4, "big")
    text = base64.b64encode(head + _field(named) + _field(private)).decode()
    rows = "\n".join(textwrap.wrap(text, 70))
    return SecretStr(
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{rows}\n-----END OPENSSH PRIVATE KEY-----\n"
    )


def _field(content: bytes) -> bytes:
    """A string of the SSH protocol: its length in four bytes, then itself."""
    return len(content).to_bytes(4, "big") + content
