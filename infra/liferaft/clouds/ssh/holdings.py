"""What servers and addresses share: asking machines for holdings."""

from collections.abc import Sequence
from dataclasses import dataclass

from liferaft.clouds.contract import APP, SITE, Owned
from liferaft.clouds.inventory import InventoryMachine
from liferaft.clouds.ssh.choosing import outages
from liferaft.clouds.ssh.machines import Machines
from liferaft.clouds.ssh.record import Ident, MachineHolding, Record


@dataclass(frozen=True)
class HeldMachine:
    """A holding and where it is."""

    ident: Ident
    machine: InventoryMachine
    holding: MachineHolding


def read(machines: Machines, kind: str, ident: str) -> HeldMachine | None:
    """None when it is not held any more, or the machine was taken out of the inventory: whoever
    provides it has it back. Raises CloudFailure."""
    meant = Ident.parse(ident)
    machine = machines.inventory.machine(meant.machine)
    if machine is None:
        return None
    held = machines.read(machine).held(kind)
    if held is None or held.token != meant.token:
        return None
    return HeldMachine(meant, machine, held)


def owned_by(machines: Machines, kind: str, app: str, site: str | None) -> Sequence[Owned]:
    """Asks every machine. One that does not answer may hold something: CloudFailure."""
    answers = machines.read_all()
    silent = outages(answers)
    if silent:
        raise silent[0]
    return [
        Owned(str(Ident(name, held.token)), held.name, held.labels)
        for name, record in answers.items()
        if isinstance(record, Record) and (held := record.held(kind)) is not None
        if held.labels.get(APP) == app and site in (None, held.labels.get(SITE))
    ]
