"""Amazon Web Services."""

from collections.abc import Mapping

from liferaft.clouds.aws.prices import PRICES
from liferaft.clouds.contract import Cloud
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.entry import Entry, Regions, Reserved
from liferaft.clouds.inventory import Inventory


def _open(region: str, given: Mapping[str, str], patience: Patience, _: Inventory) -> Cloud:
    from liferaft.clouds.aws.cloud import Aws

    return Aws(region, given, patience)


ENTRY = Entry(
    "aws",
    _open,
    variables=("AWS_",),
    prices=PRICES,
    regions=Regions(r"[a-z]{2,}(-[a-z]+)+-\d{1,2}", "eu-central-1"),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    reserved=Reserved(
        beginnings=("xn--", "sthree-", "amzn-s3-demo-"), ends=("-s3alias", "--ol-s3", "--x-s3")
    ),
)
