"""Where a host's SSH keys are. Names of our own: cloud-init and packages rewrite the usual ones."""

from typing import Final

LOGIN_USER: Final = "liferaft"
SSHD_CONFIG: Final = "/etc/ssh/sshd_config.d/00-liferaft.conf"
"""Read before any other file there; sshd keeps the first value that it meets."""
THROWAWAY_KEY: Final = "/etc/ssh/liferaft_throwaway_key"
"""The host key that came with the user data: the cloud can read it, so it serves one connection."""
OWN_KEY: Final = "/etc/ssh/liferaft_host_key"
"""The host key that the host made itself; its private half never leaves the host."""


def sshd_config(host_key: str | None) -> str:
    """What our file in sshd_config.d says: keys only, one user, one host key (None: the host goes
    on with those that it has).

    One host key, because sshd offers only the first of several keys of a type.
    """
    host_keys = f"HostKey {host_key}\n" if host_key else ""
    return f"""\
{host_keys}AllowUsers {LOGIN_USER}
PermitRootLogin no
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
X11Forwarding no
"""
