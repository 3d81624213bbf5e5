"""Hetzner as a Cloud."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from liferaft.clouds.contract import Allowance
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.hetzner import sizes
from liferaft.clouds.hetzner.access import HetznerAccess
from liferaft.clouds.hetzner.address import HetznerAddress
from liferaft.clouds.hetzner.bucket import hetzner_bucket
from liferaft.clouds.hetzner.firewall import HetznerFirewall
from liferaft.clouds.hetzner.machine_image import HetznerMachineImage
from liferaft.clouds.hetzner.network import HetznerNetwork
from liferaft.clouds.hetzner.server import HetznerServer
from liferaft.clouds.hetzner.ssh_key import HetznerSshKey
from liferaft.clouds.hetzner.volume import HetznerVolume
from liferaft.clouds.sizes import Size, WantedSize

if TYPE_CHECKING:
    from liferaft.clouds.contract import Resource


class Hetzner:
    """Implements Cloud. See HetznerAccess for the credentials; touches no network when made."""

    name = "hetzner"

    def __init__(self, region: str, credentials: Mapping[str, str], patience: Patience) -> None:
        self.region = region
        self._access = HetznerAccess(region, credentials, patience)
        self.kinds: Mapping[str, Resource[Any, Any]] = {
            "network": HetznerNetwork(self._access),
            "firewall": HetznerFirewall(self._access),
            "ssh_key": HetznerSshKey(self._access),
            "address": HetznerAddress(self._access),
            "server": HetznerServer(self._access),
            "volume": HetznerVolume(self._access),
            "machine_image": HetznerMachineImage(self._access),
            "bucket": hetzner_bucket(self._access),
        }

    def sizes(self, wanted: WantedSize) -> Sequence[Size]:
        return sizes.choose(self._access, wanted)

    def allowance(
        self, servers: Mapping[str, WantedSize], *, has_bucket: bool = False
    ) -> Allowance:
        return Allowance()

    def account(self) -> str:
        """Hetzner names no account; a listing proves that the token is good."""
        here = sizes.location(self._access)
        return f"Hetzner project, location {here.name} in {here.city}"
