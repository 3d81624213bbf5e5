"""A reserved address: a machine's public one, set aside on the machine itself.

DNS can point there before a server is claimed; then only the server that names the address can
claim the machine. An address never moves to another machine.
"""

from collections.abc import Sequence

from liferaft.clouds.contract import Owned, Owner, no_update
from liferaft.clouds.inventory import InventoryMachine
from liferaft.clouds.kinds import AddressFacts, AddressSpec
from liferaft.clouds.ssh.choosing import free, ours
from liferaft.clouds.ssh.errors import IN_USE, Said
from liferaft.clouds.ssh.holdings import owned_by, read
from liferaft.clouds.ssh.machines import Machines
from liferaft.clouds.ssh.record import Ident, MachineHolding, Record

KIND = "address"


class SshAddress:
    """Implements Resource[AddressSpec, AddressFacts]."""

    def __init__(self, machines: Machines) -> None:
        self._machines = machines
        self._inventory = machines.inventory

    def create(self, spec: AddressSpec, owner: Owner) -> AddressFacts:
        machine = self._machines.plane.create_once(
            f"reserving address {owner.name(spec.name)}",
            lambda: self._find(spec, owner),
            lambda: self._reserve(spec, owner),
        )
        return _facts(machine, owner.token)

    def read(self, ident: str) -> AddressFacts | None:
        held = read(self._machines, KIND, ident)
        return None if held is None else _facts(held.machine, held.ident.token)

    def update(self, ident: str, spec: AddressSpec) -> AddressFacts:
        raise no_update("ssh", KIND)

    def delete(self, ident: str) -> None:
        meant = Ident.parse(ident)
        machine = self._inventory.machine(meant.machine)
        if machine is None:
            return

        def release() -> None:
            record = self._machines.look_at(machine)
            if record.address is None or record.address.token != meant.token:
                return
            if record.server is not None:
                raise Said(IN_USE, f"server {record.server.name} answers at {machine.address}")
            self._machines.replace(machine, record, record.holding(KIND, None))

        self._machines.plane.remove(f"giving back address {machine.address}", release)

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        return owned_by(self._machines, KIND, app, site)

    def _find(self, spec: AddressSpec, owner: Owner) -> InventoryMachine | None:
        answers = self._machines.read_all()
        name = ours(answers, KIND, owner.token)
        record = answers[name] if name is not None else None
        if not isinstance(record, Record) or name is None or record.address is None:
            return None
        record.address.check_made_from(spec, KIND, name)
        return self._inventory.machine(name)

    def _reserve(self, spec: AddressSpec, owner: Owner) -> InventoryMachine:
        answers = self._machines.read_all()
        name = free(answers, self._inventory.entries or answers)
        record, machine = answers[name], self._inventory.machine(name)
        if machine is None or not isinstance(record, Record):
            raise AssertionError(f"{name} is free, so it is in the inventory and has answered")
        reserved = record.holding(KIND, MachineHolding.of(spec, owner))
        self._machines.replace(machine, record, reserved)
        return machine


def _facts(machine: InventoryMachine, token: str) -> AddressFacts:
    return AddressFacts(str(Ident(machine.name, token)), machine.address)
