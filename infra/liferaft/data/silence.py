"""Whether a vault answers a host at all: asked first where there is another one to turn to.

A program that copies asks again and again, for minutes, before it gives a dead store up.
"""

from typing import Final

from liferaft.remote.acts import QUICK, last_words
from liferaft.remote.contract import Host
from liferaft.site.reach import VaultAccess

_PATIENCE: Final = ("--connect-timeout", "5", "--max-time", "10")
_NO_ANSWER: Final = frozenset({5, 6, 7, 28, 35, 52, 55, 56, 60})
"""What curl ends with where no HTTP came back: no name, no connection, no TLS, too late.
https://curl.se/docs/manpage.html, EXIT CODES"""


async def silence(host: Host, vault: VaultAccess) -> str | None:
    """Why it does not answer; None where it does, whatever it says, and where nobody can tell."""
    trust = ["--cacert", vault.ca_file] if vault.ca_file else []
    quiet = ["--silent", "--show-error", "--output", "/dev/null"]
    asked = await host.run(
        ["curl", *quiet, *_PATIENCE, *trust, vault.url], deadline=QUICK, check=False
    )
    return last_words(asked) if asked.exit_code in _NO_ANSWER else None
