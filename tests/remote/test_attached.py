"""A person talks to a program over a real SSH server."""

import os
import threading
from collections.abc import Iterator

import pytest

from liferaft.remote import ConnectionLost, Host
from liferaft.remote.attached import Attachable, Streams, line

from .conftest import Served


class Person:
    """Types what a pipe has, and sees what is written."""

    def __init__(self) -> None:
        self.out, self.err = bytearray(), bytearray()
        self.behind, self.types = os.pipe()
        self.saw = threading.Event()

    def see(self, chunk: bytes) -> None:
        self.out += chunk
        self.saw.set()

    @property
    def streams(self) -> Streams:
        return Streams(lambda most: os.read(self.behind, most), self.see, self.err.extend)


@pytest.fixture
def person() -> Iterator[Person]:
    one = Person()
    yield one
    os.close(one.types)


@pytest.fixture
def reached(host: Host) -> Attachable:
    assert isinstance(host, Attachable)
    return host


async def test_what_is_typed_reaches_the_program_and_what_it_writes_comes_back_at_once(
    reached: Attachable, person: Person
) -> None:
    os.write(person.types, b"first\n")

    def type_on() -> None:  # only once the first answer was seen
        person.saw.wait(60)
        os.write(person.types, b"second\n")

    typing = threading.Thread(target=type_on)
    typing.start()
    script = 'read -r a; echo "got $a"; read -r b; echo "and $b" >&2; exit 7'
    code = await reached.attach(["sh", "-c", script], person.streams)
    typing.join()
    assert (code, bytes(person.out), bytes(person.err)) == (7, b"got first\n", b"and second\n")


async def test_a_program_that_reads_to_the_end_gets_one(reached: Attachable) -> None:
    out, chunks = bytearray(), iter([b"a" * 200_000, b"\n", b""])
    streams = Streams(lambda _: next(chunks), out.extend, out.extend)
    assert await reached.attach(["sh", "-c", "wc -c"], streams) == 0
    assert out.split() == [b"200001"]


async def test_a_program_ends_though_nobody_types(reached: Attachable, person: Person) -> None:
    assert await reached.attach(["true"], person.streams) == 0


async def test_a_connection_that_breaks_meanwhile_is_no_end_of_the_program(
    served: Served, reached: Attachable, person: Person
) -> None:
    def see(_: bytes) -> None:
        for connection in served.connections:
            connection.abort()

    streams = Streams(lambda most: os.read(person.behind, most), see, see)
    with pytest.raises(ConnectionLost, match="broke"):
        await reached.attach(["sh", "-c", "echo begun; sleep 60"], streams)


def test_without_a_command_it_is_roots_own_shell_and_no_sudo_where_we_are_root() -> None:
    assert line((), "root").endswith("bash --login")
    assert line((), "liferaft").startswith("sudo -n -- timeout")
    assert line(["a b"], "root").endswith("'a b'")
