"""Debian packages on a host. Rooms declare what they need; a move installs the sum at once."""

from collections.abc import Collection
from typing import Final

from liferaft.remote.contract import Host

QUERY_SECONDS: Final = 30
_INSTALLED = "${Package} ${db:Status-Status}\\n"


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
    finished earlier installation is finished first.
    """
    wanted = await missing(host, packages)
    if wanted:
        await host.run(_INSTALL.format(packages=" ".join(wanted)), deadline=deadline)
    return wanted


_INSTALL = """
export DEBIAN_FRONTEND=noninteractive
dpkg --configure -a
apt-get -q update
apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confold \\
    -o DPkg::Lock::Timeout=120 install {packages}
"""
