"""Signatures as `ssh-keygen -Y sign` makes them, made here: the private key is in no file.

The bytes are the same as OpenSSH's, to which a test holds them; `ssh-keygen -Y verify` checks them
on any machine. https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
"""

import base64
import hashlib
import textwrap
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_ssh_private_key
from pydantic import SecretStr

from liferaft.secrets.app import AppSecrets, public_key

_MAGIC = b"SSHSIG"
_VERSION = (1).to_bytes(4, "big")
_HASH = b"sha512"
_KEY_TYPE = b"ssh-ed25519"
_COLUMNS = 70


@dataclass(frozen=True)
class Signer:
    """Who signs for what. The key is the one that the application's operators have in common."""

    principal: str
    namespace: str
    key: SecretStr

    @classmethod
    def of(cls, app: str, namespace: str, secrets: AppSecrets) -> "Signer":
        """The operators of an application."""
        return cls(app, namespace, secrets.ssh_private_key)

    def sign(self, body: bytes) -> bytes:
        """The armoured signature. The same body has the same one each time."""
        key = load_ssh_private_key(self.key.get_secret_value().encode(), password=None)
        assert isinstance(key, Ed25519PrivateKey)  # the kind that AppSecrets makes
        about = _field(self.namespace.encode()) + _field(b"") + _field(_HASH)
        signed = key.sign(_MAGIC + about + _field(hashlib.sha512(body).digest()))
        public = _field(_KEY_TYPE) + _field(key.public_key().public_bytes_raw())
        signature = _field(_field(_KEY_TYPE) + _field(signed))
        return _armoured(_MAGIC + _VERSION + _field(public) + about + signature)

    @property
    def allowed_signers(self) -> str:
        """The line by which `ssh-keygen -Y verify -f` knows the public key."""
        return f'{self.principal} namespaces="{self.namespace}" {public_key(self.key)}\n'


def _armoured(blob: bytes) -> bytes:
    rows = "\n".join(textwrap.wrap(base64.b64encode(blob).decode(), _COLUMNS))
    return f"-----BEGIN SSH SIGNATURE-----\n{rows}\n-----END SSH SIGNATURE-----\n".encode()


def _field(content: bytes) -> bytes:
    """A string of the SSH protocol: its length in four bytes, then itself."""
    return len(content).to_bytes(4, "big") + content
