"""A site as a Pulumi stack: what the engine is asked, and what it exports."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from liferaft.clouds.registry import entry
from liferaft.config import Config
from liferaft.hosts.keys import SshKeyPair
from liferaft.hosts.user_data import user_data
from liferaft.provision.description import ServerGroup, SiteDescription
from liferaft.provision.engine.contract import Request
from liferaft.provision.engine.project_file import project_name
from liferaft.secrets import AppSecrets, public_key
from liferaft.site.inventory import inventory, private_network
from liferaft.site.roster import roster
from liferaft.site.site import Site

PROVIDERS = {"liferaft": "liferaft.provision.plugin:provider"}
WEB_PORTS = (80, 443)
SERVER = "liferaft:index:Server"


def description(
    config: Config,
    site: str,
    ssh_public_key: str,
    *,
    servers: bool,
    bucket: str | None = None,
    image_id: str | None = None,
) -> SiteDescription:
    """What the site looks like: the same shape at every cloud. Without servers: a pilot light.

    bucket: what its bucket is called; None for a site without one.
    image_id: a machine image of ours that servers boot from which do not exist yet.
    """
    edge = roster(config).edge.group
    return SiteDescription(
        groups=tuple(
            ServerGroup(
                name=name,
                cpus=group.cpus,
                memory=int(group.memory) // 2**20,
                disk=int(group.disk) // 2**30,
                count=group.count,
                ports=WEB_PORTS if name == edge else (),
                architecture=group.architecture,
                machine_types=config.sites[site].sizes.get(name, ()),
                more_ports=group.ports,
            )
            for name, group in config.servers.items()
        ),
        ssh_public_key=ssh_public_key,
        kinds=entry(config.sites[site].cloud).kinds,
        bucket=bucket,
        private_network=private_network(config, site),
        image_id=image_id,
        pilot_light=not servers,
    )


async def request(
    site: Site,
    *,
    bucket: str | None,
    servers: bool = True,
    epoch: int | None = None,
    image_id: str | None = None,
) -> Request:
    """The engine's request for this site's stack; `bucket` is what its bucket is called. Secrets in
    it are sealed in its state."""
    secrets, config = await site.secrets(), site.config
    shape = description(
        config,
        site.name,
        secrets.ssh_public_key,
        servers=servers,
        bucket=bucket,
        image_id=image_id,
    )
    project = await asyncio.to_thread(project_name, config.app.project)
    texts = _user_data(config, site.name, secrets, site.ends_after)
    return Request(
        program=config.app.project,
        project=project,
        stack=site.name,
        state=site.state,
        passphrase=secrets.pulumi_passphrase.get_secret_value(),
        config={
            "liferaft:cloud": site.declared.cloud,
            "liferaft:region": site.declared.region,
            "liferaft:app": config.app.name,
            "liferaft:site": site.name,
            "liferaft:epoch": str(site.secrets_epoch if epoch is None else epoch),
            "liferaft:system": config.system,
            **_machines(site),
            f"{project}:spec": shape.to_json(),
        },
        secret_config={f"{project}:user_data": texts},
        environment=site.environment,
        providers=PROVIDERS,
    )


def _machines(site: Site) -> Mapping[str, str]:
    """The provider is told of machines where the cloud cannot list them."""
    if not site.declared.machines:
        return {}
    found = inventory(site.config, site.name, site.credentials.host_keys)
    return {"liferaft:inventory": found.to_json()}


def _user_data(config: Config, site: str, secrets: AppSecrets, ends_after: int | None) -> str:
    """The user data of every server, by its name. A declared machine keeps its host key, which is
    known already."""
    texts = {}
    for seat in roster(config).seats:
        private = secrets.throw_away_host_key(site, seat.name)
        pair = SshKeyPair(private.get_secret_value(), public_key(private))
        texts[seat.name] = user_data(
            throwaway=None if config.sites[site].machines else pair,
            authorized_key=secrets.ssh_public_key,
            ends_after=ends_after,
        )
    return json.dumps(texts, sort_keys=True)


def has_servers(deployment: Mapping[str, Any]) -> bool:
    """Whether the stack has servers, or a killed run may have left one that it was creating."""
    state = deployment.get("deployment", {})
    pending = [operation["resource"] for operation in state.get("pending_operations") or ()]
    return any(row["type"] == SERVER for row in (*state.get("resources", ()), *pending))


def standing(deployment: Mapping[str, Any], server: str) -> Mapping[str, Any] | None:
    """The row of this server; None if there is none, or a killed run has deleted it already."""
    for row in deployment.get("deployment", {}).get("resources", ()):
        if row["type"] == SERVER and row["urn"].endswith(f"::{server}"):
            return None if row.get("pendingReplacement") or row.get("delete") else row
    return None


def place(deployment: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Cloud and region of a row, from its provider; None if that is not known.

    A preview does not tell that a change of them replaces everything: the new provider's id is not
    known yet, and then Pulumi calls it the same.
    """
    for other in deployment["deployment"]["resources"]:
        if row.get("provider") == f"{other['urn']}::{other.get('id')}":
            return other["inputs"]["cloud"], other["inputs"]["region"]
    return None
