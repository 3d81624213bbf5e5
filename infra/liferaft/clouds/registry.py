"""The clouds by name. A cloud's SDK is loaded only when it is opened."""

from collections.abc import Callable, Mapping

from liferaft.clouds.contract import Cloud, Unsupported
from liferaft.clouds.control_plane import Patience

Open = Callable[[str, Mapping[str, str], Patience], Cloud]


def _aws(region: str, credentials: Mapping[str, str], patience: Patience) -> Cloud:
    from liferaft.clouds.aws.cloud import Aws

    return Aws(region, credentials, patience)


def _hetzner(region: str, credentials: Mapping[str, str], patience: Patience) -> Cloud:
    from liferaft.clouds.hetzner.cloud import Hetzner

    return Hetzner(region, credentials, patience)


CLOUDS: Mapping[str, Open] = {"aws": _aws, "hetzner": _hetzner}


def open_cloud(
    name: str, region: str, credentials: Mapping[str, str], *, patience: Patience | None = None
) -> Cloud:
    """The cloud `name` in `region`; touches no network. Raises Unsupported for an unknown name
    and MissingCredential for an incomplete `credentials` (names of environment variables →
    values, resolved by the caller)."""
    found = CLOUDS.get(name)
    if found is None:
        raise Unsupported(
            f"There is no cloud named {name!r}",
            safe="Nothing was touched.",
            do=f"Set sites.<site>.cloud to one of: {', '.join(sorted(CLOUDS))}.",
        )
    return found(region, credentials, patience or Patience())
