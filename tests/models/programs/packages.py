"""apt and dpkg: every name is a package that the sources have."""

from tests.models.call import Call
from tests.models.machine import Machine, program
from tests.models.programs.postgres import PACKAGE, UNIT, create
from tests.models.programs.repository import CLUSTER
from tests.models.programs.services import exists, start

SHIPPED = {PACKAGE: (UNIT,), "caddy": ("caddy.service",)}
"""Services that a package starts as it is installed."""


@program("dpkg-query")
async def dpkg_query(call: Call) -> int:
    show, form, *names = call.arguments
    if (show, form) != ("--show", "--showformat=${Package} ${db:Status-Status}\\n"):
        return call.refuse()
    there = [name for name in names if name in call.machine.packages]
    call.say("".join(f"{name} installed\n" for name in there))
    return int(len(there) < len(names))


@program("dpkg")
async def dpkg(call: Call) -> int:
    return 0 if call.arguments == ["--configure", "-a"] else call.refuse()


@program("apt-get")
async def apt_get(call: Call) -> int:
    words = [word for word in call.arguments if not word.startswith("-")]
    match [word for word in words if not word.lower().startswith("dpkg::")]:
        case ["update"] | ["clean"]:
            return 0
        case ["install", *names]:
            for name in names:
                install(call.machine, name)
            return 0
    return call.refuse()


def install(machine: Machine, name: str) -> None:
    """It is there, and what it starts by itself runs."""
    if name in machine.packages:
        return
    machine.packages.add(name)
    if name == PACKAGE:
        machine.files.make_folder("/etc/pgbackrest")
        machine.files.make_folder(CLUSTER.programs)
        for program in ("postgres", "pg_controldata"):
            machine.files.write(f"{CLUSTER.programs}/{program}", b"", machine.clock)
        create(machine)
    if name == "pgbackrest":
        machine.files.make_folder("/var/spool/pgbackrest")
    if name == "caddy":
        machine.files.make_folder("/etc/caddy")
        machine.files.make_folder("/var/lib/caddy")
    for unit in SHIPPED.get(name, ()):
        if exists(machine, unit):
            start(machine, unit)
            machine.units[unit].enabled = True
