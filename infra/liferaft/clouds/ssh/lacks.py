"""What machines of somebody else do not have, and the configuration key that supplies it."""

from collections.abc import Mapping
from typing import Final

from liferaft.clouds.contract import Ability

LACKS: Final[Mapping[str, str]] = {
    "network": "sites.<site>.machines.<name>.private_address",
    "firewall": "servers.<group>.runs (the servers keep their own rules)",
    "ssh_key": "servers.<group> (their user data brings the operators' key)",
    "volume": "sites.<site>.machines.<name>.disk",
    "machine_image": "sites.<site>.machines (install the packages there beforehand)",
    Ability.RESIZE_SERVER: "sites.<site>.machines",
    Ability.GROW_VOLUME: "sites.<site>.machines.<name>.disk",
    Ability.MOVE_VOLUME: "sites.<site>.cloud",
    Ability.SECOND_ZONE: "sites.<site>.machines",
}
