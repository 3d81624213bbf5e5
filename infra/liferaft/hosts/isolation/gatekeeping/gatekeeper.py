"""What becomes of one question, and of what the kernel turned away."""

import socket
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from . import asker, kernel, trying, upstream, wire
from .bridges import Lookups
from .names import Names, is_inside
from .wants import CALL, NAME, Want, Wants

Asking = Callable[..., bytes]
"""As `upstream.ask`."""


BRIDGES_SECONDS: Final = 0.3
"""How much later than its answer a question may be read on a bridge."""
NAMED_SECONDS: Final = 60.0
"""For so long a container's name is looked for after it asked: later another may have its address.
"""


@dataclass(frozen=True)
class InVain:
    """One question that was refused.

    Attributes:
        program: None where it is not one of this host, or nobody can tell.
        container: the address of the one that asked here itself; empty for others.
    """

    lookup: wire.Lookup
    program: asker.Program | None
    container: str
    at: float


@dataclass
class Gatekeeper:
    """The rules of a drill, and what came of them until now."""

    names: Names
    wants: Wants
    table: str
    mark: int
    containers: asker.Containers = field(default_factory=asker.Containers)
    lookups: Lookups = field(default_factory=Lookups)
    refused: deque[InVain] = field(default_factory=deque)
    """That were not noted yet."""
    ask: Asking = upstream.ask

    def answer(
        self, message: bytes, protocol: str, port: int, *, container: str = ""
    ) -> bytes | None:
        """To who asks from that port. None for what is no question: it gets no answer. container:
        its address, if one of them asks here and not at podman's own resolver."""
        try:
            asked = wire.question(message)
        except wire.NoQuestion:
            return None
        if asked.name in self.names.own:
            return wire.own_answer(message, asked, self.names.own[asked.name])
        if not self.names.is_allowed(asked.name):
            if not is_inside(asked.name):
                # Whose socket that is can be told while he waits, and no longer.
                program = None if container else asker.program_at(protocol, port)
                self.refused.append(InVain(asked, program, container, time.time()))
            return wire.refusal(message, asked)
        try:
            answer = self.ask(message, self.mark, whole=protocol == "tcp")
            found = wire.addresses(answer)
            self.open(asked.name, found)
        except (upstream.Unanswered, wire.NoQuestion, subprocess.SubprocessError):
            return wire.refusal(message, asked, wire.SERVER_FAILURE)
        return answer

    def open(self, name: str, addresses: list[str]) -> None:
        """An allowed name's addresses may be called, before anybody hears of them."""
        kernel.let_through(self.table, addresses, self.names.ports(name))
        self.wants.give(name, addresses)

    def open_allowed(self) -> None:
        """Allowed names are looked up as programs do it: some stand in /etc/hosts alone."""
        for name in self.names.allowed:
            if name.startswith("*."):
                continue
            try:
                found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
            except OSError:
                continue  # whoever needs it will see so
            self.open(name, sorted({str(one[4][0]) for one in found}))

    def look(self) -> None:
        """Note what was refused, and what the kernel turned away, since the last look."""
        refused = [self.refused.popleft() for _ in range(len(self.refused))]
        if refused:
            time.sleep(BRIDGES_SECONDS)
        for one in refused:
            for by_what, by in self._askers(one):
                want = Want(NAME, one.lookup.name, one.lookup.type_name, 0, by_what, by)
                self.wants.add(want, one.at)
        news = self.wants.news(kernel.turned_away(self.table))
        paths: Mapping[str, str] = asker.cgroup_paths() if news else {}
        for turned, count in news.items():
            by_what, by = self._caller(turned, paths)
            want = Want(CALL, turned.address, turned.protocol, turned.port, by_what, by)
            self.wants.add(want, time.time(), count)
        for address in self.wants.by_address(since=time.time() - NAMED_SECONDS):
            self.wants.rename(address, self.containers.at(address))

    def _caller(self, turned: kernel.Turned, paths: Mapping[str, str]) -> tuple[str, str]:
        if turned.by == trying.THERE:
            return "unit", trying.UNIT
        if turned.by_what == "address":
            return "container", self.containers.at(turned.by)
        if turned.by_what == "user":
            return "user", turned.by
        unit = asker.short(paths.get(turned.by, ""))
        container = self.containers.of_unit(unit)
        return ("container", container) if container else ("unit", unit)

    def _askers(self, refused: InVain) -> list[tuple[str, str]]:
        program = refused.program
        if program is not None and program.name != asker.AARDVARK:
            container = self.containers.of_unit(program.unit)
            if container:
                return [("container", container)]
            return [("unit", program.unit) if program.unit else ("process", program.name)]
        addresses = [refused.container] if refused.container else []
        addresses = addresses or self.lookups.askers(refused.lookup.name, refused.at)
        if addresses:
            return [("container", self.containers.at(one)) for one in addresses]
        return [("container" if program else "", "")]
