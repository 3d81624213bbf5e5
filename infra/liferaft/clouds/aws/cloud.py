"""AWS as a Cloud."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from liferaft.clouds.aws import sizes
from liferaft.clouds.aws.access import AwsAccess
from liferaft.clouds.aws.address import AwsAddress
from liferaft.clouds.aws.allowance import read_allowance
from liferaft.clouds.aws.bucket import aws_bucket
from liferaft.clouds.aws.firewall import AwsFirewall
from liferaft.clouds.aws.machine_image import AwsMachineImage
from liferaft.clouds.aws.network import AwsNetwork
from liferaft.clouds.aws.server import AwsServer
from liferaft.clouds.aws.ssh_key import AwsSshKey
from liferaft.clouds.aws.volume import AwsVolume
from liferaft.clouds.contract import Allowance
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.sizes import Size, WantedSize

if TYPE_CHECKING:
    from liferaft.clouds.contract import Resource


class Aws:
    """Implements Cloud. See AwsAccess for the credentials; touches no network when made."""

    name = "aws"

    def __init__(self, region: str, credentials: Mapping[str, str], patience: Patience) -> None:
        self.region = region
        self._access = AwsAccess(region, credentials, patience)
        self.kinds: Mapping[str, Resource[Any, Any]] = {
            "network": AwsNetwork(self._access),
            "firewall": AwsFirewall(self._access),
            "ssh_key": AwsSshKey(self._access),
            "address": AwsAddress(self._access),
            "server": AwsServer(self._access),
            "volume": AwsVolume(self._access),
            "machine_image": AwsMachineImage(self._access),
            "bucket": aws_bucket(self._access),
        }

    def sizes(self, wanted: WantedSize) -> Sequence[Size]:
        return sizes.choose(self._access, wanted)

    def allowance(
        self, servers: Mapping[str, WantedSize], *, has_bucket: bool = False
    ) -> Allowance:
        return read_allowance(self._access, servers)

    def account(self) -> str:
        identity = self._access.plane.ask("asking who we are", self._access.sts.get_caller_identity)
        return f"AWS account {identity['Account']} as {identity['Arn']}"
