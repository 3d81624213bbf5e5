"""What a claim proves on the machine itself, before it is taken for set up: as text for bash.

A provider's sshd_config may not include the folder that our files are put into, or too late (sshd
keeps the first value that it meets), may admit certain groups alone, or look for keys elsewhere:
all of that is seen only once somebody logs in, when the other door may be shut already.
"""

import shlex
from typing import Final

NO_LOGIN: Final = 81
SSHD_DIFFERS: Final = 82
OTHER_FIREWALL: Final = 83
_USER: Final = "liferaft"
_OURS: Final = "/etc/ssh/sshd_config.d/00-liferaft.conf"

# sshd itself is the way to it: no port, no firewall and no name stands in between. A user data that
# made no such user has nothing to prove.
_LOGIN: Final = """\
if id {user} >/dev/null 2>&1; then (
    keys=$(eval echo ~{user})/.ssh/authorized_keys
    proof=$(mktemp -d)
    trap 'rm -rf "$proof"; sed -i "/liferaft-proof$/d" "$keys"' EXIT
    ssh-keygen -q -t ed25519 -N '' -C liferaft-proof -f "$proof/key"
    cat "$proof/key.pub" >>"$keys"
    echo machine {host_key} >"$proof/known"
    timeout 30 ssh -F none -T -i "$proof/key" -o BatchMode=yes -o IdentitiesOnly=yes \\
        -o IdentityAgent=none -o HostKeyAlias=machine -o StrictHostKeyChecking=yes \\
        -o UserKnownHostsFile="$proof/known" -o GlobalKnownHostsFile=none \\
        -o ProxyCommand='/usr/sbin/sshd -i' {user}@machine sudo -n true </dev/null >&2
) || {{
    sshd -T -C user={user},host=localhost,addr=127.0.0.1 |
        grep -E '^((allow|deny)(users|groups)|authorizedkeysfile|pubkeyauthentication) ' >&2 || :
    exit {no_login}
}}; fi
"""
_SSHD: Final = """\
if [ -e {ours} ]; then
    goes_by=$(sshd -T -C user={user},host=localhost,addr=127.0.0.1)
    differs=
    while read -r name value; do
        if ! grep -qixF "$name $value" <<<"$goes_by"; then
            echo "$name is to be $value; sshd goes by: $(grep -i "^$name " <<<"$goes_by" || :)" >&2
            differs=yes
        fi
    done <{ours}
    [ ! "$differs" ] || exit {sshd_differs}
fi
"""


def login_script(host_key: str) -> str:
    """The app's own user gets in by the declared host key and becomes root; else NO_LOGIN, with
    what decides on it."""
    kind, key, *_ = host_key.split()
    return _LOGIN.format(user=_USER, host_key=shlex.quote(f"{kind} {key}"), no_login=NO_LOGIN)


def sshd_script() -> str:
    """sshd goes by each line that the user data has put; else SSHD_DIFFERS, with those that it does
    not go by."""
    return _SSHD.format(user=_USER, ours=_OURS, sshd_differs=SSHD_DIFFERS)


def firewall_check(own_table: str) -> str:
    """No other firewall decides what comes in; else OTHER_FIREWALL, with its name. Chains that
    accept by default do not, but firewalld's do, whose last rule refuses the rest."""
    return _FIREWALL.format(own=own_table, other_firewall=OTHER_FIREWALL)


_FIREWALL: Final = """\
others=$(nft list chains | awk -v own={own} '
    $1 == "table" {{ family = $2; table = $3 }}
    $1 == "table" && table == "firewalld" {{ print "firewalld" }}
    $1 == "chain" {{ chain = $2 }}
    /hook (input|prerouting|ingress)/ && /policy drop/ && table != own {{
        print "table " family " " table ", chain " chain " (policy drop)"
    }}' | sort -u)
if command -v ufw >/dev/null && ufw status | grep -q '^Status: active'; then
    others="ufw $others"
fi
if [ "$others" ]; then printf '%s\\n' "$others" >&2; exit {other_firewall}; fi
"""
