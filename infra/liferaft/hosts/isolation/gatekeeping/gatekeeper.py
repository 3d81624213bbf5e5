"""What becomes of one question, and of what the kernel turned away."""

import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from . import asker, kernel, trying, upstream, wire
from .bridges import Lookups
from .names import Names, is_inside
from .wants import CALL, NAME, Want, Wants

Asking = Callable[..., bytes]
"""As `upstream.ask`."""


@dataclass
class Gatekeeper:
    """The rules of a drill, and what came of them until now."""

    names: Names
    wants: Wants
    table: str
    mark: int
    containers: asker.Containers = field(default_factory=asker.Containers)
    questions: Lookups = field(default_factory=Lookups)
    ask: Asking = upstream.ask

    def answer(self, message: bytes, protocol: str, address: str, port: int) -> bytes | None:
        """To who asks from there. None for what is no question: it gets no answer."""
        try:
            asked = wire.question(message)
        except wire.NoQuestion:
            return None
        if asked.name in self.names.own:
            return wire.own_answer(message, asked, self.names.own[asked.name])
        if not self.names.is_allowed(asked.name):
            if not is_inside(asked.name):
                self._note(asked, protocol, address, port)
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
        """Note what the kernel turned away since the last look."""
        news = self.wants.news(kernel.turned_away(self.table))
        paths: Mapping[str, str] = asker.cgroup_paths() if news else {}
        for turned, count in news.items():
            by_what, by = self._who(turned, paths)
            want = Want(CALL, turned.address, turned.protocol, turned.port, by_what, by)
            self.wants.add(want, time.time(), count)

    def _who(self, turned: kernel.Turned, paths: Mapping[str, str]) -> tuple[str, str]:
        if turned.by == trying.THERE:
            return "unit", trying.UNIT
        if turned.by_what == "address":
            return "container", self.containers.at(turned.by)
        if turned.by_what == "user":
            return "user", turned.by
        unit = asker.short(paths.get(turned.by, ""))
        container = self.containers.of_unit(unit)
        return ("container", container) if container else ("unit", unit)

    def _note(self, asked: wire.Lookup, protocol: str, address: str, port: int) -> None:
        now = time.time()
        for by_what, by in self._askers(asked, protocol, address, port, now):
            self.wants.add(Want(NAME, asked.name, asked.type_name, 0, by_what, by), now)

    def _askers(
        self, asked: wire.Lookup, protocol: str, address: str, port: int, at: float
    ) -> list[tuple[str, str]]:
        process = asker.process_at(protocol, port)
        if process is not None and process.name != asker.AARDVARK:
            container = self.containers.of_unit(process.unit)
            if container:
                return [("container", container)]
            return [("unit", process.unit) if process.unit else ("process", process.name)]
        addresses = self.questions.askers(asked.name, at)
        if process is None and not addresses and address in self.containers.by_address:
            addresses = [address]
        if not addresses:
            return [("container" if process else "", "")]
        return [("container", self.containers.at(one)) for one in addresses]
