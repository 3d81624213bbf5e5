"""Our program that keeps volumes, and its timers: everything goes well with every file."""

import json

from tests.models.call import Call
from tests.models.machine import STARTED_AT, Machine, program
from tests.models.programs.services import starting

from liferaft.data.volume.program import STATES, TASKS


@program("liferaft-volume")
async def liferaft_volume(call: Call) -> int:
    """A server has no volume here, and nothing was kept of one that it would bring."""
    act, path, *more = call.arguments
    task = json.loads(call.machine.files.read(path))
    if act == "forget":
        (vault,) = task["vaults"]
        if call.machine.hears_nothing_of(f"https://{vault['host']}:{vault['port']}"):
            return call.complain("vault does not answer", 1)
        bucket, _, prefix = vault["root"].split("/", 3)[3].partition("/")
        there = call.machine.outside[bucket]
        for one in more:
            there.pop(f"{prefix}{task['folders'][0]}/repository/snapshots/{one}", None)
        call.say("{}\n")
        return 0
    assert "restic" in call.machine.packages
    if act == "bring" and task["volume"] not in call.machine.kept.get("volumes", ()):
        call.say("{}\n")
        return 0
    return call.refuse()


@starting(r"liferaft-volume@(.*)\.timer")
def keeps(machine: Machine, instance: str) -> bool:
    """Its first look is through at once."""
    task = json.loads(machine.files.read(f"{TASKS}/keeper-{instance}.json"))
    (vault,) = task["vaults"]
    silent = machine.hears_nothing_of(f"https://{vault['host']}:{vault['port']}")
    failing = f"vault {vault['name']} does not answer" if silent else ""
    until = None if silent else STARTED_AT
    state = {"at": STARTED_AT, "until": until, "failing": failing}
    machine.files.write(f"{STATES}/{instance}", json.dumps(state).encode(), machine.clock)
    return True
