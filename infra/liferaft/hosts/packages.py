"""Debian packages on a host. Rooms declare what they need; a move installs the sum at once."""

import re
from collections.abc import Collection
from typing import Final

from liferaft.failures import Failure, Own
from liferaft.remote import apt
from liferaft.remote.contract import CommandFailed, Host

QUERY_SECONDS: Final = 30
_HOLDER: Final = re.compile(r"process (?:with pid )?(\d+)")
"""In what dpkg and apt say of a lock that another program holds."""
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

    `deadline`: seconds for all of it, others' installations that are waited for included. Raises
    NotInstalled.
    """
    wanted = await missing(host, packages)
    if wanted:
        try:
            await host.run(apt.install_script(wanted, seconds=apt.WAIT_SECONDS), deadline=deadline)
        except CommandFailed as failure:
            if failure.exit_code == apt.LOCKED:
                raise await _locked(host, failure) from failure
            raise NotInstalled(
                f"Packages could not be installed on {host.address}: {', '.join(wanted)}",
                safe=Own("What is installed stays."),
                do="See whether the package sources in the server's /etc/apt answer, then run the "
                "same command again.",
                details=failure.facts.details,
            ) from failure
    return wanted


async def _locked(host: Host, failure: CommandFailed) -> NotInstalled:
    said = failure.facts.details.get("stderr", "")
    holder = _HOLDER.search(said)
    if holder is not None:
        named = await host.run(["cat", f"/proc/{holder[1]}/comm"], check=False)
        who = f"Process {holder[1]} ({named.text or 'another program'}) was installing packages"
    else:
        who = "cloud-init was setting the server up"
    return NotInstalled(
        f"{who} on {host.address}, and did not end within {apt.WAIT_SECONDS} s",
        safe=Own("What is installed stays."),
        do="Run the same command again when it has ended. A server's first boot brings the system "
        "up to date by itself.",
        details=failure.facts.details,
    )
