"""Another type for a server that exists: Hetzner changes it only while the server is off.

https://docs.hetzner.cloud/reference/cloud#server-actions-change-server-type
"""

from collections.abc import Sequence

from hcloud.server_types import ServerType
from hcloud.servers import BoundServer

from liferaft.clouds.hetzner.access import HetznerAccess
from liferaft.clouds.hetzner.power import Power
from liferaft.clouds.hetzner.sizes import place_of, size_had
from liferaft.clouds.placing import Room, first_with_room, rooms
from liferaft.clouds.sizes import Size


def resize(access: HetznerAccess, power: Power, row: BoundServer, choices: Sequence[Size]) -> None:
    """Stops the server and gives it the first of `choices` that its location has room for. Its
    disk does not grow with it.

    Where there is room for none it runs again as it was, and the refusal is raised.
    """
    ident, name = int(row.id or 0), row.name or str(row.id)

    def attempt(room: Room) -> None:
        doing = f"making server {name} a {room.size.name}"

        def change() -> None:
            server = access.client.servers.get_by_id(ident)
            if size_had(server).name != room.size.name:
                wanted = ServerType(name=room.size.name)
                access.finish(doing, server.change_type(wanted, upgrade_disk=False))

        access.plane.ask(doing, change)

    power.switch_off(ident, name)
    try:
        first_with_room(rooms(choices, [place_of(row)]), attempt)
    finally:
        power.switch_on(ident, name)
