"""A server's disk written over with an image: the machine is taken away, and another one made.

https://docs.hetzner.cloud/reference/cloud#server-actions, rebuild
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.hetzner.actions import Stage
from liferaft_sandbox.clouds.hetzner.collection import Reply
from liferaft_sandbox.clouds.hetzner.images import bootable, show_image
from liferaft_sandbox.clouds.hetzner.schema import (
    USER_DATA_LIMIT,
    bytes_up_to,
    checked,
    id_or_name,
    optional,
    required,
)

if TYPE_CHECKING:
    from liferaft_sandbox.clouds.hetzner.state import Server, State

_REBUILD = {"image": required(id_or_name), "user_data": optional(bytes_up_to(USER_DATA_LIMIT))}


def rebuild(state: State, server: Server, body: object) -> Reply:
    """Addresses, network, volumes and keys stay; the server is on afterwards."""
    wanted = checked(body, _REBUILD)
    image = bootable(state, wanted["image"], server.server_type["architecture"], server.disk)
    server.rebuilding, server.wanted_on, server.ever_on = True, False, False

    def begin_again() -> None:
        server.image, server.boots = show_image(state, image), image.boots
        server.user_data = wanted.get("user_data", server.user_data)
        server.wanted_on = server.ever_on = True

    def finish() -> None:
        server.rebuilding = False

    gone = Stage(lambda: state.machine(server) is None, begin_again)
    back = Stage(lambda: state.machine(server) == "running", finish)
    action = state.actions.start("rebuild_server", ("server", server.id), stages=(gone, back))
    password = None if server.authorized_keys else secrets.token_urlsafe(15)
    return Reply(201, {"root_password": password, "action": action.show()})
