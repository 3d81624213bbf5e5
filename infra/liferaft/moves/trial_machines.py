"""Rented machines for a drill: those that nobody holds, which are wiped at its end."""

from liferaft.clouds.contract import SITE
from liferaft.failures import Held
from liferaft.moves.allowance import servers_of
from liferaft.site.site import Site


class MachinesHeld(Held):
    """Too few machines are free."""


def require_machines(site: Site, standby: str) -> None:
    """Raise MachinesHeld where too few machines of a standby are free for a drill's site; of a site
    at a cloud that makes servers nothing is asked. Blocks. Raises CloudFailure where one is
    silent."""
    machines = site.declared.machines
    if not machines:
        return
    cloud, app = site.cloud(), site.config.app.name
    held = {
        kind: [one for one in cloud.kinds[kind].owned_by(app=app) if one.labels[SITE] != site.name]
        for kind in ("server", "address")
    }
    # An address is that of a machine on which a server stands, or will stand.
    taken = max(len(rows) for rows in held.values())
    wanted, free = len(servers_of(site.config, site.name)), len(machines) - taken
    if free < wanted:
        names = sorted({one.name for rows in held.values() for one in rows})
        raise MachinesHeld(
            f"A drill of {standby} needs {wanted} machines that nobody holds, and {free} of "
            f"{len(machines)} are free: held are {', '.join(names)}",
            safe="Nothing was done. A drill takes nothing from the standby or from whoever reigns.",
            do=f"Declare more machines in sites.{standby}.machines, or try another site.",
        )
