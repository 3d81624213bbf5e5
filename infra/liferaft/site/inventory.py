"""What the configuration says of a site whose machines somebody else provides.

Elsewhere the cloud gives servers the private addresses that the site's description plans; here they
are the machines' own, so whoever needs one asks the stack's outputs, and whoever needs the network
asks here.
"""

from collections.abc import Mapping

from liferaft.clouds.inventory import (
    Inventory,
    InventoryMachine,
    ObjectStore,
    smallest_network,
)
from liferaft.config import Config, VariablesMissing
from liferaft.config.sites import MachineConfig, ServerConfig
from liferaft.provision.description import IP_RANGE
from liferaft.site.roster import roster

_MIB, _GIB = 2**20, 2**30


def inventory(config: Config, site: str, host_keys: Mapping[str, Mapping[str, str]]) -> Inventory:
    """The site's machines and object store; empty at clouds that have their own.

    host_keys: by site and machine, as resolved from the environment. Raises VariablesMissing.
    """
    told, keys = config.sites[site], host_keys.get(site, {})
    missing = [one.host_key for name, one in told.machines.items() if not keys.get(name)]
    if missing:
        raise VariablesMissing(tuple(name.removeprefix("env/") for name in missing))
    return Inventory(
        login=told.login or "root",
        machines=tuple(
            _machine(name, machine, keys[name]) for name, machine in told.machines.items()
        ),
        objects=ObjectStore(told.objects.endpoint, told.objects.region) if told.objects else None,
        entries=entries(config, site),
    )


def entries(config: Config, site: str) -> tuple[str, ...]:
    """The machines that could carry the server which users reach, in the order of preference: its
    address is reserved before it is asked for."""
    told, edge = config.sites[site], roster(config).edge.group
    pinned = told.sizes.get(edge, ())
    if pinned or not told.machines:
        return tuple(pinned) if told.machines else ()
    fitting = [name for name, one in told.machines.items() if _fits(one, config.servers[edge])]
    return tuple(sorted(fitting, key=lambda name: _size(told.machines[name])))


def private_network(config: Config, site: str) -> str:
    """The CIDR in which the site's servers reach each other."""
    machines = config.sites[site].machines.values()
    return smallest_network(one.private_address for one in machines) if machines else IP_RANGE


def _machine(name: str, machine: MachineConfig, host_key: str) -> InventoryMachine:
    return InventoryMachine(
        name=name,
        address=machine.address,
        private_address=machine.private_address,
        host_key=host_key,
        cpus=machine.cpus,
        memory=machine.memory // _MIB,
        disk=machine.disk // _GIB,
        architecture=machine.architecture,
        port=machine.port,
    )


def _fits(machine: MachineConfig, wanted: ServerConfig) -> bool:
    return (
        machine.architecture == wanted.architecture
        and machine.cpus >= wanted.cpus
        and machine.memory // _MIB >= wanted.memory // _MIB
        and machine.disk >= wanted.disk
    )


def _size(machine: MachineConfig) -> tuple[int, int, int]:
    return machine.cpus, machine.memory, machine.disk
