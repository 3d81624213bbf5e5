"""Google Cloud."""

from collections.abc import Mapping

from liferaft.clouds.contract import Cloud
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.entry import Entry, Regions, Reserved
from liferaft.clouds.gcp.prices import PRICES
from liferaft.clouds.inventory import Inventory


def _open(region: str, given: Mapping[str, str], patience: Patience, _: Inventory) -> Cloud:
    from liferaft.clouds.gcp.cloud import Gcp

    return Gcp(region, given, patience)


ENTRY = Entry(
    "gcp",
    _open,
    variables=("GOOGLE_", "CLOUDSDK_API_ENDPOINT_OVERRIDES_", "GCS_"),
    prices=PRICES,
    regions=Regions(r"[a-z]+(-[a-z]+)+\d{1,2}", "europe-west3"),
    # https://cloud.google.com/storage/docs/buckets#naming
    reserved=Reserved(beginnings=("goog",), parts=("google", "g00gle")),
    lacks={"ssh_key": "servers.<group> (their user data brings the operators' key)"},
)
