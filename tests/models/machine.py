"""A modelled server: files, packages, services and programs, all of it in memory.

A program that is not in the table, or not installed, is not found. What a modelled program does not
know of its real one it refuses with 127, so that the model never says yes by accident; `refused`
has all of that.
"""

import copy
import importlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from tests.models.call import NOT_FOUND, Call, Program, Sink, Source, Timer
from tests.models.expanding import Ended
from tests.models.files import Files
from tests.models.shell import Shell

from liferaft.clouds.systems import DEFAULT_SYSTEM

ROOMS = (
    *("basics", "bucket", "edge", "filework", "isolation", "packages", "podman", "postgres"),
    *("processes", "psql", "rclone", "scratch", "services", "ssh", "volume"),
)
"""The modules of programs."""
STARTED_AT = 1_795_960_800.0
"""The clock of a new machine, in Unix seconds."""
_RELEASE = "ID={}\nVERSION_ID={}\n".format(*DEFAULT_SYSTEM.split("-")).encode()
FOLDERS = ("/dev", "/etc/systemd/system", "/etc/ssh", "/etc/apt", "/home", "/run", "/srv", "/tmp")
MORE_FOLDERS = (
    *("/root", "/usr/lib", "/var/lib", "/var/spool", "/etc/sudoers.d", "/var/log"),
    "/etc/sysctl.d",
)


@dataclass
class Unit:
    """A service of systemd."""

    enabled: bool = False
    active: bool = False
    failed: bool = False
    restarts: int = 0
    entered: float = 0.0
    loaded: float = 0.0


@dataclass
class Machine:
    """One server.

    Attributes:
        outside: what the server reaches over its network: object stores by bucket.
        packages: that are installed.
        kept: what programs remember that is not in a file of ours.
        refused: what was asked of it that the model does not know.
    """

    address: str
    outside: dict[str, dict[str, bytes]] = field(default_factory=dict)
    files: Files = field(default_factory=Files)
    packages: set[str] = field(default_factory=set)
    units: dict[str, Unit] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    clock: float = STARTED_AT
    booted: float = STARTED_AT
    mask: int = 0o644

    def __post_init__(self) -> None:
        for folder in (*FOLDERS, *MORE_FOLDERS):
            self.files.make_folder(folder)
        self.files.write("/etc/os-release", _RELEASE, self.clock)
        self.files.make_folder("/etc/ssl/certs")
        self.files.write("/etc/ssl/certs/ca-certificates.crt", b"the system's\n", self.clock)

    def copy(self, outside: dict[str, dict[str, bytes]]) -> "Machine":
        """Another one in the same state, in another world."""
        made: Machine = copy.copy(self)
        made.outside, made.files, made.packages = outside, self.files.copy(), set(self.packages)
        made.units = {name: replace(unit) for name, unit in self.units.items()}
        made.kept, made.refused = copy.deepcopy(self.kept), list(self.refused)
        return made

    async def execute(
        self, argv: Sequence[str] | str, stdin: bytes, deadline: float
    ) -> tuple[int, bytes, bytes]:
        """A command, or a script, to its end. Raises Late and Flood."""
        out, err = Sink(), Sink()
        timer = Timer(self, deadline)
        self.mask = 0o644
        call = Call(self, ["bash"], Source(stdin), out, err, timer)
        if isinstance(argv, str):
            code = await Shell(call, stops=True, pipefail=True).run(argv)
        else:
            call.argv = list(argv)
            code = await self.program(call)
        return code, bytes(out.content), bytes(err.content)

    def hears_nothing_of(self, url: str) -> bool:
        """Whether the store there does not answer."""
        return urlsplit(url).hostname in self.kept.get("dead stores", ())

    def forgets(self, store: dict[str, bytes]) -> bool:
        """Whether a store takes what it is given, and keeps nothing of it."""
        return any(store is self.outside[name] for name in self.kept.get("forgetful", ()))

    def has_program(self, name: str) -> bool:
        found = programs().get(name)
        return found is not None and (found[1] is None or found[1] in self.packages)

    async def program(self, call: Call) -> int:
        """One program to its end."""
        call.timer.spend(0.001)
        for goes_on in background():
            goes_on(self)
        name = call.argv[0]
        if self.files.is_file(name):
            name = name.rpartition("/")[2]
        elif "/" in name:
            return call.complain("No such file or directory", NOT_FOUND)
        if not self.has_program(name):
            if name not in programs():
                self.refused.append(" ".join(call.argv))
            return call.complain("command not found", NOT_FOUND)
        try:
            return await programs()[name][0](call)
        except OSError as error:
            return call.complain(str(error))
        except Ended as ended:
            return ended.code


_programs: dict[str, tuple[Program, str | None]] = {}
_background: list[Callable[[Machine], None]] = []


def program(*names: str, package: str | None = None) -> Callable[[Program], Program]:
    """A program of these names; not there before its package is installed."""

    def registered(body: Program) -> Program:
        _programs.update(dict.fromkeys(names, (body, package)))
        return body

    return registered


def always(body: Callable[[Machine], None]) -> Callable[[Machine], None]:
    """What goes on by itself on a machine, looked at before each program."""
    _background.append(body)
    return body


@cache
def _loaded() -> None:
    for room in ROOMS:
        importlib.import_module(f"tests.models.programs.{room}")


def programs() -> dict[str, tuple[Program, str | None]]:
    _loaded()
    return _programs


def background() -> list[Callable[[Machine], None]]:
    _loaded()
    return _background


def variable(text: str, name: str) -> str:
    """The value of a line `name=value` or `name = value`; empty where there is none."""
    found = re.search(rf"^{re.escape(name)}\s*=\s*(.*)$", text, re.MULTILINE)
    return found[1] if found else ""
