"""The clouds by name. A cloud's SDK is loaded only when it is opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from liferaft.clouds import proxies
from liferaft.clouds.contract import Cloud, Unsupported
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.inventory import Inventory
from liferaft.clouds.kinds import KINDS

Open = Callable[[str, Mapping[str, str], Patience, Inventory], Cloud]


@dataclass(frozen=True)
class Entry:
    """A cloud before it is opened."""

    open: Open
    kinds: frozenset[str] = frozenset(KINDS)
    """The kinds that it has, known without its SDK."""


def _aws(region: str, given: Mapping[str, str], patience: Patience, _: Inventory) -> Cloud:
    from liferaft.clouds.aws.cloud import Aws

    return Aws(region, given, patience)


def _gcp(region: str, given: Mapping[str, str], patience: Patience, _: Inventory) -> Cloud:
    from liferaft.clouds.gcp.cloud import Gcp

    return Gcp(region, given, patience)


def _hetzner(region: str, given: Mapping[str, str], patience: Patience, _: Inventory) -> Cloud:
    from liferaft.clouds.hetzner.cloud import Hetzner

    return Hetzner(region, given, patience)


def _ssh(region: str, given: Mapping[str, str], patience: Patience, inventory: Inventory) -> Cloud:
    from liferaft.clouds.ssh.cloud import Ssh

    return Ssh(region, given, patience, inventory)


CLOUDS: Mapping[str, Entry] = {
    "aws": Entry(_aws),
    "gcp": Entry(_gcp, frozenset(KINDS) - {"ssh_key"}),
    "hetzner": Entry(_hetzner),
    "ssh": Entry(_ssh, frozenset({"server", "address", "bucket"})),
}


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
