"""What runs on a machine, as root: bash, nothing but what Debian has with an SSH server.

A record is replaced under a lock and only while it is still what was read, so that of two claims
at once one wins; what has to happen to the machine in between happens under the same lock. Killed
anywhere, the record still says where to go on.
"""

import shlex
from typing import Final

from liferaft.clouds.ssh import proof
from liferaft.clouds.ssh.firewall import TABLE
from liferaft.clouds.systems import System
from liferaft.remote import apt

FOLDER: Final = "/var/lib/liferaft-machine"
RECORD: Final = f"{FOLDER}/owner.json"
FIREWALL: Final = f"{FOLDER}/firewall.nft"
DRILL_TABLE: Final = "liferaft_drill"
"""What a drill has the machine call (`hosts.isolation`)."""
FIREWALL_UNIT: Final = "liferaft-firewall.service"
AGAIN_FOLDER: Final = "/etc/systemd/system/nftables.service.d"
SSHD_GUARD: Final = "/etc/ssh/sshd_config.d/00-inventory.conf"
"""Sorts before every other file of ours there: sshd keeps the first value that it meets."""
LOCK_SECONDS: Final = 10

NO_LOCK: Final = 75
OTHER_RECORD: Final = 76
NO_HOST_KEY: Final = 77
USER_DATA_FAILED: Final = 78
NO_TOOLS: Final = 79
INSTALLING: Final = 80
OTHER_SYSTEM: Final = 84
OTHERS_SECONDS: Final = 120
"""How long others on the machine may install packages: less than a machine has to become ready."""

READ: Final = f"cat {RECORD} 2>/dev/null || test ! -e {RECORD}"

_REPLACE: Final = """\
# liferaft: who holds this machine
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
umask 077
mkdir -p {folder}
exec 9>{folder}/lock
flock -w {seconds} 9 || exit {no_lock}
now=$(if [ -e {record} ]; then sha256sum <{record} | cut -c-64; else echo none; fi)
[ "$now" = {seen} ] || exit {other_record}
{act}
if [ -n {text} ]; then
    printf %s {text} >{record}.new
    sync {record}.new
    mv -f {record}.new {record}
else
    rm -f {record}
fi
sync {folder}
"""


def replace_script(seen: str, text: str, act: str = "") -> str:
    """`act` is done and the record is `text` (empty: gone), if its digest was `seen`."""
    return _REPLACE.format(
        folder=FOLDER,
        record=RECORD,
        seconds=LOCK_SECONDS,
        no_lock=NO_LOCK,
        other_record=OTHER_RECORD,
        seen=shlex.quote(seen),
        act=act,
        text=shlex.quote(text),
    )


_UNIT: Final = f"""\
[Unit]
Description=What may reach this machine (liferaft)
DefaultDependencies=no
RequiresMountsFor={FOLDER}
After=nftables.service
Wants=network-pre.target
Before=network-pre.target shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f {FIREWALL}

[Install]
WantedBy=sysinit.target
"""


# Debian's unit empties the whole ruleset whenever it starts, reloads or stops.
_AGAIN: Final = f"""\
[Service]
ExecStartPost=-/usr/sbin/nft -f {FIREWALL}
ExecReload=-/usr/sbin/nft -f {FIREWALL}
ExecStopPost=-/usr/sbin/nft -f {FIREWALL}
"""


def firewall_script(rules: str) -> str:
    """The ruleset holds from now on, from before the network is up at every boot, and after
    whatever is done with nftables.service."""
    return f"""\
printf %s {shlex.quote(rules)} >{FIREWALL}.new
nft --check --file {FIREWALL}.new
mv -f {FIREWALL}.new {FIREWALL}
printf %s {shlex.quote(_UNIT)} >/etc/systemd/system/{FIREWALL_UNIT}
chmod 644 /etc/systemd/system/{FIREWALL_UNIT}
mkdir -p {AGAIN_FOLDER}
printf %s {shlex.quote(_AGAIN)} >{AGAIN_FOLDER}/liferaft.conf
chmod 755 {AGAIN_FOLDER}
chmod 644 {AGAIN_FOLDER}/liferaft.conf
sync /etc/systemd/system/{FIREWALL_UNIT} {AGAIN_FOLDER}/liferaft.conf {FIREWALL}
systemctl daemon-reload
systemctl --quiet enable {FIREWALL_UNIT}
nft --file {FIREWALL}
"""


_SET_UP: Final = """\
[ "$(. /etc/os-release; echo "$ID-$VERSION_ID")" = {system} ] || {{
    (. /etc/os-release; echo "It says: ${{PRETTY_NAME:-$ID $VERSION_ID}}") >&2
    exit {other_system}
}}
wanted=
for program in sudo nft; do command -v $program >/dev/null || wanted=yes; done
if [ "$wanted" ]; then
    ({install}) </dev/null >&2 || {{ [ $? != {locked} ] || exit {installing}; exit {no_tools}; }}
fi
key=
for file in $(sshd -T | sed -n 's/^hostkey //p') /etc/ssh/ssh_host_*_key; do
    if [ -z "$key" ] && [ "$(ssh-keygen -y -f "$file" 2>/dev/null | cut -d' ' -f1,2)" = {host_key} ]
    then key=$file; fi
done
[ "$key" ] || exit {no_host_key}
mkdir -p /etc/ssh/sshd_config.d
{{ echo "HostKey $key"; printf %s {guard}; }} >{guard_file}
sshd -t
systemctl reload ssh
if [ ! -e {folder}/booted ]; then
    cat >{folder}/user-data
    chmod 700 {folder}/user-data
    {folder}/user-data 9>&- </dev/null >{folder}/user-data.log 2>&1 || exit {user_data_failed}
    rm -f {folder}/user-data
    touch {folder}/booted
    sync {folder}
fi
"""
_GUARD: Final = """\
Match User {login}
    AllowUsers {login}
    PermitRootLogin prohibit-password
    PubkeyAuthentication yes
    AuthenticationMethods publickey
"""


def set_up_script(login: str, host_key: str, rules: str, system: System) -> str:
    """A machine of this system: the user data (standard input) has run once, as root, its user gets
    in, and the firewall holds. Whatever the user data says of SSH, the machine goes on showing
    `host_key`, and lets `login` in."""
    kind, key, *_ = host_key.split()
    set_up = _SET_UP.format(
        folder=FOLDER,
        system=system,
        other_system=OTHER_SYSTEM,
        host_key=shlex.quote(f"{kind} {key}"),
        no_host_key=NO_HOST_KEY,
        no_tools=NO_TOOLS,
        install=apt.install_script(("sudo", "nftables"), seconds=OTHERS_SECONDS),
        locked=apt.LOCKED,
        installing=INSTALLING,
        guard=shlex.quote(_GUARD.format(login=login)),
        guard_file=SSHD_GUARD,
        user_data_failed=USER_DATA_FAILED,
    )
    proofs = proof.sshd_script() + proof.login_script(host_key) + proof.firewall_check(TABLE)
    return set_up + proofs + firewall_script(rules)


WIPED: Final = (
    *("/srv/liferaft", "/etc/liferaft", "/var/lib/liferaft", "/usr/lib/liferaft"),
    *("/etc/pgbackrest/liferaft", "/var/spool/pgbackrest/liferaft"),
    *("/var/lib/caddy/liferaft", "/etc/caddy/Caddyfile", "/etc/caddy/*.liferaft"),
    *("/etc/caddy/liferaft-*", "/var/log/liferaft-*", "/etc/systemd/system/liferaft-*"),
    "/etc/systemd/system/*.wants/liferaft-*",
    *("/etc/ssh/sshd_config.d/00-liferaft.conf", "/etc/ssh/liferaft_*", SSHD_GUARD),
    *("/etc/sysctl.d/liferaft-*", f"{AGAIN_FOLDER}/liferaft*.conf"),
    *("/etc/sudoers.d/liferaft", f"{FOLDER}/user-data*", f"{FOLDER}/booted", FIREWALL),
)
"""Everything that this program puts on a machine, by shell pattern: a test compares it with what
the other rooms write. Database clusters, containers and the login go by their own tools."""

# Units first: some of them would start others again. PostgreSQL is hardly waited for: its last
# archiving waits for a copy of the bucket, which may be gone, as the vault may; other clouds do not
# shut a server down before they delete it either. Nothing here may fail because it is absent.
_WIPE: Final = f"""\
cd /
if ! timeout 5 systemctl stop 'postgresql@*.service'; then
    systemctl kill --signal=KILL 'postgresql@*.service'
fi
for unit in $(systemctl list-units --all --plain --no-legend 'liferaft-*' | cut -d' ' -f1) \\
        caddy.service postgresql.service; do
    case $unit in {FIREWALL_UNIT}) continue ;; esac
    systemctl stop "$unit" 2>/dev/null || :
    systemctl --quiet disable "$unit" 2>/dev/null || :
    systemctl reset-failed "$unit" 2>/dev/null || :
done
if command -v podman >/dev/null; then
    podman system reset --force >/dev/null
fi
if command -v pg_lsclusters >/dev/null; then
    pg_lsclusters --no-header | while read -r version cluster _; do
        pg_dropcluster --stop "$version" "$cluster"
    done
fi
if id liferaft >/dev/null 2>&1; then
    pkill -KILL -u liferaft || :
    userdel --force --remove liferaft 2>/dev/null || ! id liferaft >/dev/null 2>&1
fi
systemctl --quiet disable {FIREWALL_UNIT} 2>/dev/null || :
rm -rf {" ".join(WIPED)}
systemctl daemon-reload
if command -v nft >/dev/null; then
    for table in {TABLE} {DRILL_TABLE}; do
        printf "table inet $table\\ndelete table inet $table\\n" | nft --file -
    done
fi
sync
sshd -t
systemctl reload ssh
"""


def wipe_script() -> str:
    """Nothing of ours runs or lies on the machine any more; packages stay. Not undone by anything:
    database, containers and files are gone, though not overwritten on the disk."""
    return _WIPE
