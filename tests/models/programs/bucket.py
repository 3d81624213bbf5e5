"""Our program that copies buckets, and its keeper: everything goes well with every object."""

import json
from typing import Any

from tests.models.call import Call
from tests.models.machine import Machine, program
from tests.models.programs.services import starting

from liferaft.data.bucket.keeper import KEPT
from liferaft.data.bucket.program import TASKS

_LEFT = {"left_out": {}, "left_out_count": 0, "lacking": {}, "lacking_count": 0}


def _stores(machine: Machine, task: dict[str, Any]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    return machine.outside[task["site"]["bucket"]], machine.outside[task["vault"]["bucket"]]


def _vaults(machine: Machine, task: dict[str, Any]) -> list[dict[str, bytes]]:
    """Those that answer, if one of them had the whole part. Raises OSError."""
    places = [task["vault"], *task.get("others", ())]
    silent = [one for one in places if machine.hears_nothing_of(one["url"])]
    if all(one in silent for one in places[: task.get("whole", 1)]):
        raise OSError("no whole answer from the vault")
    return [machine.outside[one["bucket"]] for one in places if one not in silent]


def _kept(machine: Machine, task: dict[str, Any]) -> dict[str, bytes]:
    """What vaults hold, by the names in the site's bucket; the newest reign's of each, of one reign
    the first vault's."""
    return {
        key.removeprefix(prefix): content
        for prefix in reversed(task["prefixes"])
        for vault in reversed(_vaults(machine, task))
        for key, content in sorted(vault.items())
        if key.startswith(prefix)
    }


def _keep(machine: Machine, task: dict[str, Any]) -> dict[str, Any]:
    site, vault = _stores(machine, task)
    _vaults(machine, task)
    prefix = task["prefixes"][0]
    vault.update({f"{prefix}{key}": content for key, content in site.items()})
    kept = [content for key, content in vault.items() if key.startswith(prefix)]
    sizes = {"objects": len(kept), "size": sum(map(len, kept))}
    return {**sizes, "missing": 0, **_LEFT, "lists_unreadable": False}


@program("liferaft-bucket", package="python3-cryptography")
async def liferaft_bucket(call: Call) -> int:
    machine = call.machine
    act, path = call.arguments
    task = json.loads(machine.files.read(path))
    site, _ = _stores(machine, task)
    kept = _kept(machine, task)
    if act == "snapshot":
        call.say(json.dumps(_keep(machine, task)))
    elif act == "restore":
        fresh = {key: content for key, content in kept.items() if key not in site}
        site.update(fresh)
        places = [task["vault"], *task.get("others", ())]
        silent = [one["name"] for one in places if machine.hears_nothing_of(one["url"])]
        told: dict[str, Any] = {"objects": len(fresh), "size": sum(map(len, fresh.values()))}
        told["silent"] = dict.fromkeys(silent, "no whole answer")
        path = f"{task['state']}/bucket-{task['name']}.progress"
        machine.files.write(path, json.dumps(told).encode(), machine.clock)
    elif act == "compare":
        names = {key for vault in _vaults(machine, task) for key in vault}
        counts = {p: sum(key.startswith(p) for key in names) for p in task["prefixes"]}
        missing = sorted(kept.keys() - site.keys())
        compared = {"objects": counts, "missing_count": len(missing), "missing": missing}
        call.say(json.dumps(compared))
    elif act == "sample":
        lost = dict.fromkeys(sorted(kept.keys() - site.keys()), "it is not there")
        told = {"of": len(kept), "read": len(site), "read_size": sum(map(len, site.values()))}
        told |= {"rows_unread": "", "missing": lost, "missing_count": len(lost)}
        for of in ("underway", "other"):
            told |= {of: {}, f"{of}_count": 0}
        call.say(json.dumps(told))
    elif act == "try":
        call.say(json.dumps({"ailment": None}))
    else:
        return call.refuse()
    return 0


@starting(r"liferaft-bucket-keeper@(.*)\.service")
def keeps(machine: Machine, instance: str) -> bool:
    """Its first copy is through at once."""
    task = json.loads(machine.files.read(f"{TASKS}/keeper-{instance}.json"))
    _keep(machine, task)
    machine.files.write(
        f"{KEPT}/{instance.replace(':', '/')}", f"{machine.clock}\n".encode(), machine.clock
    )
    return True
