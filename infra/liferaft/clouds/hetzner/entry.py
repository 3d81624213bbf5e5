"""Hetzner Cloud."""

from collections.abc import Mapping

from liferaft.clouds.contract import Cloud
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.entry import Entry
from liferaft.clouds.hetzner.prices import PRICES
from liferaft.clouds.inventory import Inventory


def _open(region: str, given: Mapping[str, str], patience: Patience, _: Inventory) -> Cloud:
    from liferaft.clouds.hetzner.cloud import Hetzner

    return Hetzner(region, given, patience)


ENTRY = Entry(
    "hetzner",
    _open,
    variables=("HCLOUD_", "HETZNER_"),
    # https://docs.hetzner.com/storage/object-storage/overview/
    bucket_regions=frozenset({"fsn1", "hel1", "nbg1"}),
    prices=PRICES,
)
