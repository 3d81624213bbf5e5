"""Amazon Web Services."""

from collections.abc import Mapping

from liferaft.clouds.contract import Cloud
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.entry import Entry
from liferaft.clouds.inventory import Inventory


def _open(region: str, given: Mapping[str, str], patience: Patience, _: Inventory) -> Cloud:
    from liferaft.clouds.aws.cloud import Aws

    return Aws(region, given, patience)


ENTRY = Entry(
    "aws",
    _open,
    variables=("AWS_",),
)
