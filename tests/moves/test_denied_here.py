"""What is denied to a drill's own command."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from liferaft.failures import Unproven
from liferaft.moves import denied_here as room
from liferaft.moves.denied_here import DeniedHere, denied_here

HERE = "127.0.0.1"


@pytest.fixture
def port() -> Iterator[int]:
    """Somebody who listens, and whose backlog takes a caller."""
    listening = socket.create_server((HERE, 0))
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()


def test_nobody_gets_through_while_it_lasts_and_everybody_does_afterwards(port: int) -> None:
    with denied_here([HERE]), pytest.raises(DeniedHere):
        socket.create_connection((HERE, port), 5)
    with closing(socket.create_connection((HERE, port), 5)) as one:
        assert one.getpeername()[1] == port


async def test_connections_of_asyncio_are_no_exception(port: int) -> None:
    with denied_here([HERE]), pytest.raises(OSError, match="denied to this drill"):
        await asyncio.open_connection(HERE, port)


def test_other_addresses_are_reached_meanwhile(port: int) -> None:
    with denied_here(["192.0.2.1"]), closing(socket.create_connection((HERE, port), 5)) as one:
        assert one.getpeername()[0] == HERE


def test_an_address_that_is_not_denied_after_all_is_found_out() -> None:
    with pytest.raises(Unproven, match="could reach"):
        room._prove(HERE)


def test_a_name_and_all_below_it_are_not_even_looked_up() -> None:
    with denied_here(["vendor.example"]):
        for name in ("vendor.example", "API.vendor.example", "api.vendor.example."):
            with pytest.raises(DeniedHere, match="denied to this drill"):
                socket.getaddrinfo(name, 443)
        assert socket.getaddrinfo(HERE, 443)


def test_a_name_that_only_ends_alike_is_another_ones() -> None:
    with denied_here(["vendor.example"]), pytest.raises(socket.gaierror):
        socket.getaddrinfo("othervendor.example.invalid", 443)


async def test_names_that_asyncio_looks_up_are_no_exception() -> None:
    with denied_here(["vendor.example"]), pytest.raises(OSError, match="denied to this drill"):
        await asyncio.open_connection("api.vendor.example", 443)


def test_a_name_that_is_not_denied_after_all_is_found_out() -> None:
    with pytest.raises(Unproven, match="could reach localhost"):
        room._prove("localhost")
