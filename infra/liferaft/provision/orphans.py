"""What a cloud holds for a site beyond its state: a killed run made it and could not note it."""

from collections.abc import Collection
from dataclasses import dataclass

from liferaft.clouds.contract import Cloud

ORDER = (
    *("volume", "server", "machine_image", "firewall"),
    *("address", "ssh_key", "bucket", "network"),
)
"""Kinds, dependents first."""


@dataclass(frozen=True)
class Orphan:
    """Something at a cloud that carries a site's labels; `kind` as in `clouds.kinds`."""

    kind: str
    id: str
    name: str


def orphans(cloud: Cloud, *, app: str, site: str, known: Collection[str]) -> tuple[Orphan, ...]:
    """Everything labelled as this site's whose id is not among `known`, dependents first.

    Blocks. Raises CloudFailure.
    """
    return tuple(
        Orphan(kind, found.id, found.name)
        for kind in ORDER
        if kind in cloud.kinds
        for found in cloud.kinds[kind].owned_by(app=app, site=site)
        if found.id not in known
    )


def delete_orphans(cloud: Cloud, found: Collection[Orphan]) -> None:
    """Delete these things at their cloud. Blocks. Raises CloudFailure, DeadlinePassed."""
    for orphan in found:
        cloud.kinds[orphan.kind].delete(orphan.id)
