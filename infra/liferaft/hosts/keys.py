"""Ed25519 key pairs in OpenSSH's own formats."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True)
class KeyPair:
    """One SSH key. The private half never shows in a representation."""

    private: str = field(repr=False)
    """PEM (`-----BEGIN OPENSSH PRIVATE KEY-----`), unencrypted, ending in a newline."""
    public: str
    """`ssh-ed25519 AAAA…`, without a comment or newline."""


def new_key_pair() -> KeyPair:
    """A fresh key from the system's randomness."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return KeyPair(private.decode(), public.decode())
