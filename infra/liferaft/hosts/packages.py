"""Debian packages on a host. Rooms declare what they need; a move installs the sum at once."""

from collections.abc import Collection
from typing import Final

from liferaft.failures import Failure, Own
from liferaft.remote.contract import CommandFailed, Host

QUERY_SECONDS: Final = 30
LOCKED_SECONDS: Final = 120
"""How long another program may hold the locks of apt and dpkg: a killed run's may still install."""
_LOCKED: Final = 75
"""The script's own exit code for that (EX_TEMPFAIL)."""
_INSTALLED = "${Package} ${db:Status-Status}\\n"


class NotInstalled(Failure):
    """Packages are missing on a host. `details` ends what apt said, a dead source by name."""


async def missing(host: Host, packages: Collection[str]) -> tuple[str, ...]:
    """Those that are not fully installed, sorted. Asks only the host itself."""
    wanted = sorted(set(packages))
    if not wanted:
        return ()
    # dpkg-query ends with 1 when one of the names is unknown: that is an answer.
    asked = ["dpkg-query", "--show", f"--showformat={_INSTALLED}", *wanted]
    listed = await host.run(asked, deadline=QUERY_SECONDS, check=False)
    rows = (line.split() for line in listed.text.splitlines())
    installed = {name for name, status in rows if status == "installed"}
    return tuple(name for name in wanted if name not in installed)


async def install(host: Host, packages: Collection[str], *, deadline: float) -> tuple[str, ...]:
    """Install what is missing, from the host's own sources; what was installed, sorted.

    `deadline`: seconds for all of it. Configuration files that are already there are kept. A half
    finished earlier installation is finished first; one that is under way is waited for. Raises
    NotInstalled.
    """
    wanted = await missing(host, packages)
    if wanted:
        try:
            script = _INSTALL.format(
                packages=" ".join(wanted), seconds=LOCKED_SECONDS, locked=_LOCKED
            )
            await host.run(script, deadline=deadline)
        except CommandFailed as failure:
            if failure.exit_code == _LOCKED:
                raise _locked(host, failure) from failure
            raise NotInstalled(
                f"Packages could not be installed on {host.address}: {', '.join(wanted)}",
                safe=Own("What is installed stays."),
                do="See whether the package sources in the server's /etc/apt answer, then run the "
                "same command again.",
                details=failure.facts.details,
            ) from failure
    return wanted


def _locked(host: Host, failure: CommandFailed) -> NotInstalled:
    return NotInstalled(
        f"Another program was installing packages on {host.address} for {LOCKED_SECONDS} s",
        safe=Own("What is installed stays."),
        do="Run the same command again when it has ended: the details name its process.",
        details=failure.facts.details,
    )


# apt calls packages unknown whose source is dead; what the update met is the cause, so it is said
# last. A source that is dead does no harm where the others have everything.
_INSTALL = """
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
end=$((SECONDS + {seconds}))
again() {{
    [ "$SECONDS" -lt "$end" ] || {{ printf '%s\\n' "$1" >&2; exit {locked}; }}
    sleep 1
}}
until said=$(dpkg --configure -a 2>&1); do
    case $said in
    *"was locked by another process"*) again "$said" ;;
    *) printf '%s\\n' "$said" >&2; exit 1 ;;
    esac
done
until unheard=$(apt-get -q update --error-on=any 2>&1 >/dev/null); do
    case $unheard in
    *"Could not get lock"*) again "$unheard" ;;
    *) break ;;
    esac
done
apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confold \\
    -o DPkg::Lock::Timeout=120 install {packages} || {{
    printf '%s\\n' "$unheard" | grep '^E: Failed' >&2
    exit 1
}}
"""
