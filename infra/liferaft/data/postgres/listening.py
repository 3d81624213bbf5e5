"""PostgreSQL listens at the server's private address, whenever that address comes.

A private address may come after PostgreSQL has started, at every boot: by DHCP, or as a network's
interface that the cloud adds late. PostgreSQL warns of an address that it cannot have and starts
with the others, so an app on another server would be refused until the next restart. The kernel may
let programs listen at an address that is not there yet; then nothing has to be waited for, and
PostgreSQL is still at no other address.
https://www.postgresql.org/docs/15/runtime-config-connection.html#GUC-LISTEN-ADDRESSES
https://docs.kernel.org/networking/ip-sysctl.html#ip-variables (ip_nonlocal_bind)
"""

from typing import Final

from liferaft.data.postgres.layout import Database
from liferaft.failures import Own
from liferaft.remote.acts import QUICK, HostActFailed, act, succeeds
from liferaft.remote.contract import Host
from liferaft.remote.files import HostFile
from liferaft.remote.waiting import wait_until

_PATH: Final = "/etc/sysctl.d/liferaft-addresses.conf"
KERNEL_FILE: Final = HostFile(_PATH, b"net.ipv4.ip_nonlocal_bind = 1\n")
"""Read by systemd-sysctl.service at every boot, before any service begins."""
ADDRESS_SECONDS: Final = 90.0
"""How long a server's private address may take to come."""
_ANSWER_SECONDS: Final = 5


class NotListening(HostActFailed):
    """PostgreSQL runs and cannot be asked at the address that the app is told."""


async def allow_late_addresses(host: Host) -> None:
    """From now on what starts may listen at addresses that come later. `KERNEL_FILE` lies there."""
    await act(
        host,
        ["sysctl", "--quiet", f"--load={_PATH}"],
        doing="Letting PostgreSQL listen at an address that comes later",
    )


async def is_listening(host: Host, database: Database) -> bool:
    """It takes connections at the private address; a standby too, once it is consistent."""
    asked = ["pg_isready", "--quiet", f"--host={database.address}", f"--timeout={_ANSWER_SECONDS}"]
    return await succeeds(host, asked)


async def require_listening(
    host: Host, database: Database, *, seconds: float = ADDRESS_SECONDS
) -> None:
    """Return once it does. Raises NotListening after `seconds`."""

    async def listens() -> bool:
        return await is_listening(host, database)

    if await wait_until(listens, seconds=seconds, every=1.0):
        return
    has = await host.run(["hostname", "--all-ip-addresses"], deadline=QUICK, check=False)
    raise NotListening(
        f"PostgreSQL runs, and for {seconds:.0f} s it was not to be reached at {database.address}, "
        f"the server's private address. The server has {has.text or 'no address at all'}.",
        safe=Own("The database on the server is as it was."),
        do="See why the server did not get that address from its network (on a machine of your "
        "own: whether the configuration names the right one), then run the same command again.",
    )
