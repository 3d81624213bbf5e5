"""An Ed25519 key pair in OpenSSH's own formats."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SshKeyPair:
    """One SSH key. The private half never shows in a representation."""

    private: str = field(repr=False)
    """PEM (`-----BEGIN OPENSSH PRIVATE KEY-----`), unencrypted, ending in a newline."""
    public: str
    """`ssh-ed25519 AAAA…`, without a comment or newline."""
