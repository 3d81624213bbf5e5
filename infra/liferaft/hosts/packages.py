"""Debian packages on a host. Rooms declare what they need; a move installs the sum at once."""

from collections.abc import Collection
from typing import Final

from liferaft.failures import Failure, Own
from liferaft.remote.contract import CommandFailed, Host

QUERY_SECONDS: Final = 30
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
    finished earlier installation is finished first. Raises NotInstalled.
    """
    wanted = await missing(host, packages)
    if wanted:
        try:
            await host.run(_INSTALL.format(packages=" ".join(wanted)), deadline=deadline)
        except CommandFailed as failure:
            raise NotInstalled(
                f"Packages could not be installed on {host.address}: {', '.join(wanted)}",
                safe=Own("What is installed stays."),
                do="See whether the package sources in the server's /etc/apt answer, then run the "
                "same command again.",
                details=failure.facts.details,
            ) from failure
    return wanted


# apt calls packages unknown whose source is dead; what the update met is the cause, so it is said
# last. A source that is dead does no harm where the others have everything.
_INSTALL = """
export DEBIAN_FRONTEND=noninteractive
dpkg --configure -a
unheard=$(apt-get -q update --error-on=any 2>&1 >/dev/null) || :
apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confold \\
    -o DPkg::Lock::Timeout=120 install {packages} || {{
    printf '%s\\n' "$unheard" | grep '^E: Failed' >&2
    exit 1
}}
"""
