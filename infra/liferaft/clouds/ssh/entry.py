"""Machines that somebody else provides, with nothing but SSH."""

from collections.abc import Mapping

from liferaft.clouds.contract import Ability, Cloud
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.entry import Entry
from liferaft.clouds.inventory import Inventory


def _open(region: str, given: Mapping[str, str], patience: Patience, inventory: Inventory) -> Cloud:
    from liferaft.clouds.ssh.cloud import Ssh

    return Ssh(region, given, patience, inventory)


ENTRY = Entry(
    "ssh",
    _open,
    variables=("LIFERAFT_SSH_KEY_FILE", "LIFERAFT_S3_"),
    about="for machines that somebody else provides",
    lacks={
        "network": "sites.<site>.machines.<name>.private_address",
        "firewall": "servers.<group>.runs (the servers keep their own rules)",
        "ssh_key": "servers.<group> (their user data brings the operators' key)",
        "volume": "sites.<site>.machines.<name>.disk",
        "machine_image": "sites.<site>.machines (install the packages there beforehand)",
        Ability.RESIZE_SERVER: "sites.<site>.machines",
        Ability.GROW_VOLUME: "sites.<site>.machines.<name>.disk",
        Ability.MOVE_VOLUME: "sites.<site>.cloud",
        Ability.SECOND_ZONE: "sites.<site>.machines",
    },
    may_lack={"bucket": "sites.<site>.objects"},
)
