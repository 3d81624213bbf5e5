"""What a site's stack exports: the contract between a program and the moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.failures import Failure


def exported(deployment: Mapping[str, Any]) -> Mapping[str, Any]:
    """The stack's outputs in an exported deployment; empty for a stack that was never up."""
    rows = deployment.get("deployment", {}).get("resources", ())
    for row in rows:
        if row["type"] == "pulumi:pulumi:Stack":
            outputs: Mapping[str, Any] = row.get("outputs", {})
            return outputs
    return {}


class SiteIncomplete(Failure):
    """The stack's outputs lack something that a move needs."""


@dataclass(frozen=True)
class ServerOutput:
    """One server as it is: its addresses are IPv4, in text; `id` is its cloud's."""

    name: str
    group: str
    public_address: str
    private_address: str
    id: str = ""


@dataclass(frozen=True)
class BucketOutput:
    """The site's bucket, as the application reaches it."""

    name: str
    endpoint: str
    region: str


@dataclass(frozen=True)
class SiteOutputs:
    """The outputs of a site's stack: `address`, `servers`, `bucket`."""

    address: str
    """The reserved public IPv4 address, where the domain points."""
    servers: tuple[ServerOutput, ...]
    bucket: BucketOutput | None

    @classmethod
    def of(cls, site: str, outputs: Mapping[str, Any]) -> "SiteOutputs":
        """Read a stack's outputs. Raises SiteIncomplete for a site that has no address yet."""
        if not outputs.get("address"):
            raise SiteIncomplete(
                f"Site {site} has no address: it was never brought up",
                safe="Nothing was done.",
                do=f"Bring it up first: liferaft deploy {site}",
            )
        bucket = outputs.get("bucket")
        return cls(
            address=outputs["address"],
            servers=tuple(ServerOutput(**row) for row in outputs.get("servers", ())),
            bucket=BucketOutput(**bucket) if bucket else None,
        )

    def server(self, name: str) -> ServerOutput:
        """The server of that name. Raises SiteIncomplete."""
        for server in self.servers:
            if server.name == name:
                return server
        raise SiteIncomplete(
            f"The site has no server {name}",
            do="Deploy the site again: its servers are not all there.",
        )
