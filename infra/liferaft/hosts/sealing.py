"""A server made ready to be copied: what must be each copy's own is taken away.

The login and the throw-away host key stay: the user data of a copy replaces them at its first boot.
https://systemd.io/BUILDING_IMAGES/
"""

import shlex
from collections.abc import Sequence
from typing import Final

from liferaft.remote.contract import Host

SECONDS: Final = 120.0

# The empty machine-id is filled at the next boot; cloud-init takes a copy for a new instance by its
# id alone, `clean` also drops what it cached. Services that came with packages are stopped, so
# that no file is copied in the middle of being written.
_SEAL: Final = """
for unit in {units}; do systemctl stop "$unit" 2>/dev/null || :; done
if command -v cloud-init >/dev/null; then cloud-init clean --logs; fi
rm -f /etc/ssh/ssh_host_*
apt-get clean
: >/etc/machine-id
rm -f /var/lib/dbus/machine-id /var/lib/systemd/random-seed
sync
"""


async def seal_server(host: Host, units: Sequence[str]) -> None:
    """Copies of this server will be servers of their own. It runs on until it is copied. units:
    services that packages have started."""
    await host.run(_SEAL.format(units=shlex.join(units)), deadline=SECONDS)
