"""Which machines should exist, read off moto's whole state."""

from __future__ import annotations

import base64
import ipaddress
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.aws.backend import debian_ids
from liferaft_sandbox.clouds.aws.images import OwnImage
from liferaft_sandbox.clouds.aws.volumes import all_but_root_disks, attached
from liferaft_sandbox.lab.machines import (
    Attached,
    Desired,
    Disk,
    Image,
    Machine,
    PrivateNetwork,
    Rule,
)

if TYPE_CHECKING:
    from liferaft_sandbox.clouds.aws.backend import Backend

_UP = frozenset({"pending", "running"})
_GONE = frozenset({"shutting-down", "terminated"})
_EVERY_PORT = (0, 65535)


def desired(backend: Backend) -> Desired:
    """Every VPC as a private network, every instance that is not gone as a machine.

    A default VPC counts only while something runs in it. Packets have 1500 bytes at most, as they
    have at AWS on their way to the internet; inside a VPC they may have 9001 there.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/network_mtu.html
    """
    machines = tuple(
        _machine(ec2, instance)
        for ec2 in backend.regions()
        for instance in ec2.all_instances()
        if instance.state not in _GONE
    )
    inhabited = {machine.network for machine in machines}
    return Desired(
        networks=tuple(
            PrivateNetwork(id=vpc.id, cidr=vpc.cidr_block)
            for ec2 in backend.regions()
            for vpc in ec2.vpcs.values()
            if not vpc.is_default or vpc.id in inhabited
        ),
        machines=machines,
        disks=tuple(
            Disk(volume.id, int(volume.size))
            for ec2 in backend.regions()
            for volume in all_but_root_disks(ec2)
        ),
        images=tuple(
            Image(image.id, image.instance_id or "")
            for ec2 in backend.regions()
            for image in ec2.amis.values()
            if isinstance(image, OwnImage)
        ),
    )


def _machine(ec2: Any, instance: Any) -> Machine:
    encoded = str(instance.user_data) if instance.user_data else ""
    return Machine(
        id=instance.id,
        network=instance.vpc_id,
        private_address=instance.private_ip,
        public_address=instance.public_ip if has_way_out(ec2, instance.subnet_id) else None,
        hostname=f"ip-{instance.private_ip.replace('.', '-')}",
        user_data=base64.b64decode(encoded),
        running=instance.state in _UP,
        rules=tuple(
            rule
            for group in _groups(instance)
            for permission in group.ingress_rules
            for rule in _rules(ec2, permission)
        ),
        authorized_keys=_authorized_keys(ec2, instance.key_name),
        image=debian_ids(ec2.region_name).get(instance.image_id, instance.image_id),
        disks=tuple(Attached(volume.id, _link(volume)) for volume in attached(instance)),
    )


def _link(volume: Any) -> str:
    """https://docs.aws.amazon.com/ebs/latest/userguide/nvme-ebs-volumes.html"""
    return f"nvme-Amazon_Elastic_Block_Store_{volume.id.replace('-', '')}"


def _authorized_keys(ec2: Any, name: str | None) -> tuple[str, ...]:
    pair = ec2.key_pairs.get(name) if name else None
    return (pair.material_public.decode().strip(),) if pair else ()


def has_way_out(ec2: Any, subnet_id: str) -> bool:
    """A public address works only where the subnet routes to an attached internet gateway."""
    subnet = ec2.get_subnet(subnet_id)
    tables = [table for table in ec2.route_tables.values() if table.vpc_id == subnet.vpc_id]
    own = [t for t in tables if subnet_id in t._associations.values()]  # noqa: SLF001 - no other way
    main = [table for table in tables if table.main_association_id]
    return any(
        route.destination_cidr_block == "0.0.0.0/0"
        and route.gateway is not None
        and getattr(route.gateway, "vpc", None) is not None
        and route.gateway.vpc.id == subnet.vpc_id
        for table in (own or main)
        for route in table.routes
    )


def _groups(instance: Any) -> list[Any]:
    groups = {group.id: group for nic in instance.nics.values() for group in nic.group_set}
    return [groups[key] for key in sorted(groups)]


def _rules(ec2: Any, permission: Any) -> list[Rule]:
    """One moto rule as ours; a group as source stands for its members' addresses just now."""
    sources: tuple[str, ...]
    if permission.cidr_ipv4:
        sources = (str(ipaddress.ip_network(permission.cidr_ipv4, strict=False)),)
    elif permission.source_group:
        sources = _members(ec2, permission.source_group.get("GroupId"))
    else:
        return []  # IPv6 and prefix lists: the sandbox's networks are IPv4
    if not sources:
        return []
    protocol = "all" if permission.ip_protocol == "-1" else permission.ip_protocol
    first, last = _EVERY_PORT
    if protocol in {"tcp", "udp"}:
        first, last = permission.from_port, permission.to_port
    return [Rule(protocol=protocol, first_port=first, last_port=last, sources=sources)]


def _members(ec2: Any, group_id: str | None) -> tuple[str, ...]:
    return tuple(
        sorted(
            f"{nic.private_ip_address}/32"
            for instance in ec2.all_instances()
            if instance.state not in _GONE
            for nic in instance.nics.values()
            if any(group.id == group_id for group in nic.group_set)
        )
    )
