"""The user data of a server: one short shell script that gives it a login and a host key to trust.

A cloud keeps user data readable for everybody in the account, and so does the server: the script
holds no secret but a host key that is thrown away at the first connection (`trust`), or none.
cloud-init runs it once, late in the first boot (AWS, Hetzner); Google's Debian at every boot.
"""

import re
from typing import Final

from liferaft.failures import BadInput
from liferaft.hosts.keys import SshKeyPair
from liferaft.hosts.ssh_files import LOGIN_USER, OWN_KEY, SSHD_CONFIG, THROWAWAY_KEY, sshd_config

LARGEST: Final = 4096
"""Bytes. The clouds allow 16 KiB and more; ours stays one screen."""

_PUBLIC_KEY = re.compile(r"ssh-[a-z0-9-]+ [A-Za-z0-9+/]+=*( [\w.@-]+)?")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN OPENSSH PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+-----END OPENSSH PRIVATE KEY-----\n"
)

# Before this ran, sshd may offer keys that cloud-init made, or be down for want of one and held
# back by systemd's start limit. Once the host has a key of its own, running it again does nothing.
_BEGINNING = """\
#!/bin/sh
# liferaft: a login and a host key for the first connection. Running it again changes nothing.
set -eu
umask 077
if grep -qs {own_key} {sshd_file}; then exit 0; fi
id {user} >/dev/null 2>&1 || useradd --create-home --shell /bin/bash {user}
printf '%s\\n' '{user} ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/{user}
chmod 0440 /etc/sudoers.d/{user}
install -d -m 700 -o {user} -g {user} /home/{user}/.ssh
cat >/home/{user}/.ssh/authorized_keys <<'END'
{authorized_key}
END
chown {user}:{user} /home/{user}/.ssh/authorized_keys
"""
# A unit of this boot alone: a copy of the disk knows nothing of it.
_ENDS = """\
systemd-run --quiet --unit=liferaft-ends --on-active={hours}h systemctl poweroff || :
"""
_THROWAWAY = """\
cat >{throwaway_key} <<'END'
{private_key}END
"""
_END = """\
mkdir -p /etc/ssh/sshd_config.d
cat >{sshd_file} <<'END'
{sshd_config}END
systemctl reset-failed ssh 2>/dev/null || :
systemctl restart ssh
"""


def user_data(
    *, throwaway: SshKeyPair | None, authorized_key: str, ends_after: int | None = None
) -> str:
    """The script for one server. `authorized_key` is the operator's public key, one line;
    `ends_after`: the hours after which a server that serves for a while alone switches itself off.

    Without a throw-away key the server's host key stays as it is: it is known already. Raises
    BadInput if a key is not in OpenSSH's format: nothing is quoted by luck.
    """
    if not _PUBLIC_KEY.fullmatch(authorized_key):
        raise BadInput("The operator's public key is not one line in OpenSSH's format.")
    if throwaway is not None and not _PRIVATE_KEY.fullmatch(throwaway.private):
        raise BadInput("The throw-away host key is not in OpenSSH's format.")
    ends = _ENDS.format(hours=ends_after) if ends_after is not None else ""
    script = (_BEGINNING + ends + (_THROWAWAY if throwaway else "") + _END).format(
        user=LOGIN_USER,
        authorized_key=authorized_key,
        throwaway_key=THROWAWAY_KEY,
        private_key=throwaway.private if throwaway else "",
        own_key=OWN_KEY,
        sshd_file=SSHD_CONFIG,
        sshd_config=sshd_config(THROWAWAY_KEY if throwaway else None),
    )
    if len(script.encode()) > LARGEST:
        raise BadInput(f"The user data is larger than {LARGEST} bytes.")
    return script
