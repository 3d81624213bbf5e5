"""The script that installs Debian packages, behind whoever is installing already.

A server's first boot installs by itself: cloud-init, apt-daily, unattended-upgrades. Of apt's three
locks `DPkg::Lock::Timeout` waits for dpkg's alone, and `dpkg` itself waits for none (by runs of apt
2.6 and 3.0, dpkg 1.21 and 1.22: the latter says which program has the lock, where the former says
`another process`). cloud-init may also still be writing the package sources. Whether it has ended
is told by its word: by exit code, errors that it recovered from look like others since 23.4. One
that was killed, or whose last unit somebody turned off, says for ever that it is running: it is
waited for only while the system itself still starts, of which its units are a part.
https://cloudinit.readthedocs.io/en/latest/explanation/return_codes.html
"""

from collections.abc import Collection
from typing import Final

WAIT_SECONDS: Final = 300
"""How long others may install: a system that catches up with months of updates takes minutes."""
LOCKED: Final = 75
"""The script's own exit code when they did not end (EX_TEMPFAIL)."""
CLOUD_INIT: Final = "cloud-init is still setting the server up"
"""What the script says last when it is that which did not end."""


def install_script(packages: Collection[str], *, seconds: int) -> str:
    """For bash with `-eu`. Configuration files that are there are kept; a half finished earlier
    installation is finished first. Waits for at most `seconds` in all, then says who installs."""
    return _SCRIPT.format(packages=" ".join(packages), seconds=seconds)


# apt calls packages unknown whose source is dead; what the update met is the cause, so it is said
# last. A source that is dead does no harm where the others have everything.
_SCRIPT: Final = f"""
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
end=$((SECONDS + {{seconds}}))
again() {{{{
    [ "$SECONDS" -lt "$end" ] || {{{{ printf '%s\\n' "$1" >&2; exit {LOCKED}; }}}}
    sleep 1
}}}}
is_set_up() {{{{
    command -v cloud-init >/dev/null || return 0
    case $(cloud-init status 2>/dev/null || :) in
    *running* | *"not run"* | *"not started"*) ;;
    *) return 0 ;;
    esac
    case $(systemctl is-system-running 2>/dev/null || :) in
    initializing | starting) return 1 ;;
    esac
}}}}
until is_set_up; do again "{CLOUD_INIT}"; done
until said=$(dpkg --configure -a 2>&1); do
    case $said in
    *" locked by "*) again "$said" ;;
    *) printf '%s\\n' "$said" >&2; exit 1 ;;
    esac
done
until unheard=$(apt-get -q update --error-on=any 2>&1 >/dev/null); do
    case $unheard in
    *"Could not get lock"*) again "$unheard" ;;
    *) break ;;
    esac
done
until said=$(apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confold \\
        install {{packages}} 2>&1 >/dev/null); do
    case $said in
    *"Could not get lock"*) again "$said" ;;
    *)
        printf '%s\\n' "$said" >&2
        printf '%s\\n' "$unheard" | grep '^E: Failed' >&2
        exit 1
        ;;
    esac
done
"""
