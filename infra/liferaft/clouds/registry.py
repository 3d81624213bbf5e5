"""The clouds by name. A cloud's SDK is loaded only when it is opened."""

from collections.abc import Mapping

from liferaft.clouds import proxies
from liferaft.clouds.aws.entry import ENTRY as AWS
from liferaft.clouds.contract import Cloud, Unsupported
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.entry import Entry
from liferaft.clouds.gcp.entry import ENTRY as GCP
from liferaft.clouds.hetzner.entry import ENTRY as HETZNER
from liferaft.clouds.inventory import Inventory
from liferaft.clouds.ssh.entry import ENTRY as SSH

CLOUDS: Mapping[str, Entry] = {cloud.name: cloud for cloud in (AWS, GCP, HETZNER, SSH)}
CA_FILE = "LIFERAFT_CA_FILE"
"""The variable that names authorities which every cloud's clients trust instead of the system's."""


def is_for_clouds(variable: str) -> bool:
    """Whether opening some cloud may need this environment variable."""
    ours = tuple(start for cloud in CLOUDS.values() for start in cloud.variables)
    return variable.startswith(ours) or variable in {CA_FILE, *proxies.VARIABLES}


def entry(name: str) -> Entry:
    """Raises Unsupported for an unknown name."""
    found = CLOUDS.get(name)
    if found is None:
        raise Unsupported(
            f"There is no cloud named {name!r}",
            safe="Nothing was touched.",
            do=f"Set sites.<site>.cloud to one of: {', '.join(sorted(CLOUDS))}.",
        )
    return found


def open_cloud(
    name: str,
    region: str,
    credentials: Mapping[str, str],
    *,
    inventory: Inventory | None = None,
    patience: Patience | None = None,
) -> Cloud:
    """The cloud `name` in `region`; touches no network. Raises Unsupported for an unknown name
    and BadInput for incomplete `credentials` or a wrong proxy among them (names of environment
    variables → values, resolved by the caller). `inventory` matters to clouds without an API."""
    found = entry(name)
    proxies.check(credentials)
    return found.open(region, credentials, patience or Patience(), inventory or Inventory())
