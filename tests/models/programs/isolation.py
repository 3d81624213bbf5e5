"""nft, and what shuts a drill's server: rules in the kernel, and a gate that knows names."""

import json

from tests.models.call import Call
from tests.models.machine import Machine, program
from tests.models.programs.services import starting

from liferaft.hosts.isolation.gatekeeping.trying import ANSWERED, TURNED_AWAY
from liferaft.hosts.isolation.ruleset import TABLE
from liferaft.hosts.isolation.units import GATE_UNIT, PROGRAM, RULES, RULES_UNIT

KERNEL = "nft tables"


@program("nft", package="nftables")
async def nft(call: Call) -> int:
    """The table of a drill, and no other."""
    tables = call.machine.kept.setdefault(KERNEL, {})
    match call.arguments:
        case ["--check", "--file", path]:
            return _read(call, call.machine.files.read(path), {})
        case ["--file", "-"]:
            return _read(call, call.stdin.rest(), tables)
        case ["--file", path]:
            return _read(call, call.machine.files.read(path), tables)
        case ["--stateless", "--terse", "list", "table", "inet", name]:
            if name not in tables:
                return call.complain("No such file or directory")
            call.say(tables[name])
            return 0
    return call.refuse()


def _read(call: Call, rules: bytes, tables: dict[str, str]) -> int:
    """All of them or none."""
    text = rules.decode()
    if not text.startswith(f"table inet {TABLE}\n") or text.count("{") != text.count("}"):
        return call.complain("syntax error")
    tables[TABLE] = text
    return 0


@program("unshare")
async def unshare(call: Call) -> int:
    """A network namespace has no tables of another's."""
    if call.arguments[0] != "--net":
        return call.refuse()
    before = call.machine.kept.get(KERNEL, {})
    call.machine.kept[KERNEL] = {}
    try:
        return await call.run(call.arguments[1:])
    finally:
        call.machine.kept[KERNEL] = before


@starting(RULES_UNIT.replace(".", r"\."))
def shut(machine: Machine) -> bool:
    """It loads what lies there."""
    if not machine.files.is_file(RULES) or "nftables" not in machine.packages:
        return False
    machine.kept.setdefault(KERNEL, {})[TABLE] = machine.files.read(RULES).decode()
    return True


@starting(GATE_UNIT.replace(".", r"\."))
def gate_opened(machine: Machine) -> bool:
    """It needs its program, and the table that it opens."""
    return machine.files.is_file(PROGRAM) and TABLE in machine.kept.get(KERNEL, {})


async def tried(call: Call, told_at: str) -> int:
    """Whom the gate lets through answers; everybody else is turned away."""
    allowed = json.loads(call.machine.files.read(told_at))["allowed"]
    is_shut = TABLE in call.machine.kept.get(KERNEL, {})
    asked = json.loads(call.stdin.rest())
    found = []
    for name, port in asked["callees"]:
        ports = allowed.get(name, [])
        lets = not is_shut or ports is None or port in ports
        places = ("host", "container") if asked["inside"] else ("host",)
        one = {"name": name, "port": port, "address": "192.0.2.99"}
        outcome = ANSWERED if lets else TURNED_AWAY
        found += [one | {"place": place, "outcome": outcome} for place in places]
    call.say(json.dumps(found))
    return 0


def told(call: Call) -> int:
    """Nobody calls anybody here."""
    call.say(json.dumps({"denied": [], "given": {}}))
    return 0
