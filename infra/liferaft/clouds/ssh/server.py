"""A server: a machine of the inventory that was claimed, set up, and proven to let us in again.

Its user data runs once; its rules are the machine's own firewall. Deleting it wipes the machine.
"""

from collections.abc import Sequence

from liferaft.clouds.contract import Ability, Owned, Owner, unsupported
from liferaft.clouds.inventory import InventoryMachine
from liferaft.clouds.kinds import ServerFacts, ServerSpec
from liferaft.clouds.refusals import gone
from liferaft.clouds.sizes import Size, WantedSize
from liferaft.clouds.ssh import scripts, sizes
from liferaft.clouds.ssh.choosing import free, held_by, ours
from liferaft.clouds.ssh.errors import CHANGED, GONE, Said
from liferaft.clouds.ssh.firewall import ruleset
from liferaft.clouds.ssh.holdings import owned_by, read
from liferaft.clouds.ssh.lacks import LACKS
from liferaft.clouds.ssh.machines import Machines
from liferaft.clouds.ssh.record import Ident, MachineHolding, Record

KIND = "server"
WIPE_SECONDS = 180.0


class SshServer:
    """Implements Resource[ServerSpec, ServerFacts]."""

    def __init__(self, machines: Machines) -> None:
        self._machines = machines
        self._inventory = machines.inventory

    def create(self, spec: ServerSpec, owner: Owner) -> ServerFacts:
        name = owner.name(spec.name)
        self._finish_releases(owner.token)
        machine = self._machines.plane.create_once(
            f"claiming a machine for server {name}",
            lambda: self._find(spec, owner),
            lambda: self._claim(spec, owner),
        )
        doing = f"setting up machine {machine.name} as server {name}"
        while not self._machines.ask(
            doing, lambda: self._is_ready(machine, spec, owner), changes=True
        ):
            continue  # each round is one stage further
        return _facts(machine, owner.token)

    def read(self, ident: str) -> ServerFacts | None:
        held = read(self._machines, KIND, ident)
        return None if held is None else _facts(held.machine, held.ident.token)

    def update(self, ident: str, spec: ServerSpec) -> ServerFacts:
        meant = Ident.parse(ident)
        machine = self._inventory.machine(meant.machine)

        def update() -> InventoryMachine:
            record = Record() if machine is None else self._machines.look_at(machine)
            if machine is None or held_by(record, KIND, meant.token) is None:
                raise gone("ssh", f"server {spec.name}", ident)
            act = scripts.firewall_script(ruleset(spec.rules, machine, self._inventory))
            self._machines.replace(machine, record, record, act=act)
            return machine

        if machine is not None and not _suits(machine, spec):
            ability = Ability.RESIZE_SERVER
            raise unsupported("ssh", f"cannot {ability.value}", LACKS[ability])
        doing = f"updating server {spec.name} on {meant.machine}"
        return _facts(self._machines.ask(doing, update, changes=True), meant.token)

    def delete(self, ident: str) -> None:
        meant = Ident.parse(ident)
        machine = self._inventory.machine(meant.machine)
        if machine is not None:
            self._release(machine, meant.token)

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        return owned_by(self._machines, KIND, app, site)

    def _find(self, spec: ServerSpec, owner: Owner) -> InventoryMachine | None:
        answers = self._machines.read_all()
        name = ours(answers, KIND, owner.token)
        record = answers[name] if name is not None else None
        if not isinstance(record, Record) or name is None or record.server is None:
            return None
        record.server.check_made_from(spec, KIND, name)
        return self._inventory.machine(name)

    def _claim(self, spec: ServerSpec, owner: Owner) -> InventoryMachine:
        reserved = Ident.parse(spec.address_id) if spec.address_id is not None else None
        answers = self._machines.read_all()
        wanted = [size.name for size in self._wanted(spec, reserved)]
        if reserved is not None:
            _check_reserved(answers.get(reserved.machine), reserved, spec)
        name = free(answers, wanted, reservation=reserved.token if reserved else None)
        record, machine = answers[name], self._inventory.machine(name)
        if machine is None or not isinstance(record, Record):
            raise AssertionError(f"{name} is free, so it is in the inventory and has answered")
        claimed = record.holding(KIND, MachineHolding.of(spec, owner, "claiming"))
        self._machines.replace(machine, record, claimed)
        return machine

    def _wanted(self, spec: ServerSpec, reserved: Ident | None) -> Sequence[Size]:
        """The machines to try. One that has a reserved address is the only one."""
        found = sizes.choose(self._machines.region, self._inventory, WantedSize.of(spec))
        if reserved is None:
            return found
        pinned = [size for size in found if size.name == reserved.machine]
        if not pinned:
            raise Said(
                "address_on_a_small_machine",
                f"the address of server {spec.name} was reserved on {reserved.machine}, which is "
                "not a machine that it fits on",
            )
        return pinned

    def _is_ready(self, machine: InventoryMachine, spec: ServerSpec, owner: Owner) -> bool:
        """Brings the record one stage further, on a connection of its own: the last stage is only
        reached on one that was made after the user data has run."""
        record = self._machines.look_at(machine)
        held = held_by(record, KIND, owner.token)
        if held is None:
            raise Said(CHANGED, f"{machine.name} was released while it was being set up")
        if held.stage == "claiming":
            rules = ruleset(spec.rules, machine, self._inventory)
            login, key = self._inventory.login, machine.host_key
            self._machines.replace(
                machine,
                record,
                record.holding(KIND, held.at("proving")),
                act=scripts.set_up_script(login, key, rules, spec.runs),
                stdin=spec.user_data.encode(),
                deadline=self._machines.patience.ready,
            )
            return False
        if held.stage == "proving":
            self._machines.replace(machine, record, record.holding(KIND, held.at("ready")))
        return True

    def _finish_releases(self, token: str) -> None:
        """A machine that a killed run has begun to wipe is wiped before anything is claimed."""
        for name, record in self._machines.read_all().items():
            held = record.server if isinstance(record, Record) else None
            machine = self._inventory.machine(name)
            if machine and held and held.token == token and held.stage == "releasing":
                self._release(machine, token)

    def _release(self, machine: InventoryMachine, token: str) -> None:
        def release() -> bool:
            """True once it is not this token's any more."""
            record = self._machines.look_at(machine)
            held = record.server
            if held is None or held.token != token:
                return True
            if held.stage != "releasing":
                self._machines.replace(machine, record, record.holding(KIND, held.at("releasing")))
                return False
            self._machines.replace(
                machine,
                record,
                record.holding(KIND, None),
                act=scripts.wipe_script(),
                deadline=WIPE_SECONDS,
            )
            return True

        doing = f"wiping and releasing machine {machine.name}"
        while not self._machines.ask(doing, release, changes=True):
            continue  # at most one more


def _suits(machine: InventoryMachine, spec: ServerSpec) -> bool:
    """It could stay where it is."""
    if spec.machine_types:
        return machine.name in spec.machine_types
    return sizes.fits(sizes.size(machine), WantedSize.of(spec))


def _check_reserved(answer: object, reserved: Ident, spec: ServerSpec) -> None:
    """Raise Said if the reservation is gone; a machine that does not answer is told by `free`."""
    if isinstance(answer, Record) and held_by(answer, "address", reserved.token) is None:
        raise Said(
            GONE,
            f"the address of server {spec.name} is not reserved on {reserved.machine} any more",
        )


def _facts(machine: InventoryMachine, token: str) -> ServerFacts:
    return ServerFacts(
        id=str(Ident(machine.name, token)),
        private_address=machine.private_address,
        public_address=machine.address,
        chosen_type=machine.name,
    )
