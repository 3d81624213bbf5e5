"""Google Cloud as a Cloud."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from liferaft.clouds.contract import Allowance
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.gcp import sizes
from liferaft.clouds.gcp.access import GcpAccess
from liferaft.clouds.gcp.address import GcpAddress
from liferaft.clouds.gcp.allowance import read_allowance
from liferaft.clouds.gcp.bucket import GcpBucket
from liferaft.clouds.gcp.firewall import GcpFirewall
from liferaft.clouds.gcp.machine_image import GcpMachineImage
from liferaft.clouds.gcp.network import GcpNetwork
from liferaft.clouds.gcp.server import GcpServer
from liferaft.clouds.gcp.volume import GcpVolume
from liferaft.clouds.sizes import Size, WantedSize

if TYPE_CHECKING:
    from liferaft.clouds.contract import Resource


class Gcp:
    """Implements Cloud. See GcpAccess for the credentials; touches no network when made, and
    begins to load Google's SDK. Google has no SSH keys apart from servers: user data brings ours.
    """

    name = "gcp"

    def __init__(self, region: str, credentials: Mapping[str, str], patience: Patience) -> None:
        self.region = region
        self._access = GcpAccess(region, credentials, patience)
        self._clients = self._access.clients
        self.kinds: Mapping[str, Resource[Any, Any]] = {
            "network": GcpNetwork(self._access),
            "firewall": GcpFirewall(self._access),
            "address": GcpAddress(self._access),
            "server": GcpServer(self._access),
            "volume": GcpVolume(self._access),
            "machine_image": GcpMachineImage(self._access),
            "bucket": GcpBucket(self._access),
        }

    def sizes(self, wanted: WantedSize) -> Sequence[Size]:
        return sizes.choose(self._access, wanted)

    def allowance(
        self, servers: Mapping[str, WantedSize], *, has_bucket: bool = False
    ) -> Allowance:
        return read_allowance(self._access, servers, has_bucket=has_bucket)

    def account(self) -> str:
        row = self._access.plane.ask(
            "asking who we are", lambda: self._access.call(self._clients.projects.get)
        )
        return f"Google Cloud project {row.name} (number {row.id}) as {self._access.caller.email}"
