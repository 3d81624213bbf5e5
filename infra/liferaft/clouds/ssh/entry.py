"""Machines that somebody else provides, with nothing but SSH."""

from collections.abc import Mapping

from liferaft.clouds.contract import Cloud
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.entry import Entry
from liferaft.clouds.inventory import Inventory
from liferaft.clouds.ssh.lacks import LACKS


def _open(region: str, given: Mapping[str, str], patience: Patience, inventory: Inventory) -> Cloud:
    from liferaft.clouds.ssh.cloud import Ssh

    return Ssh(region, given, patience, inventory)


ENTRY = Entry(
    "ssh",
    _open,
    variables=("LIFERAFT_SSH_KEY_FILE", "LIFERAFT_S3_"),
    about="for machines that somebody else provides",
    lacks=LACKS,
    may_lack={"bucket": "sites.<site>.objects"},
)
