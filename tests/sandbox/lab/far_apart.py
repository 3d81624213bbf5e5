"""Places that are apart, in namespaces of their own, and what a client sees there; JSON on stdout.

Run by test_distance.py inside `unshare`.
"""

import ctypes
import json
import os
import resource
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from liferaft_sandbox.addresses import AWS_API, PLACES, VAULT_STORE
from liferaft_sandbox.lab import distance
from liferaft_sandbox.lab.places import build_places, wire_to
from liferaft_sandbox.lab.programs import run
from liferaft_sandbox.supervisor import mount_own_views

MEGABYTES = 300
PORT = 7000
TIMES = 20
CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def inside(place: str) -> Iterator[None]:
    """New sockets of this thread are of that place."""
    with (
        Path("/proc/thread-self/ns/net").open() as before,
        Path(f"/run/netns/{place}").open() as there,
    ):
        assert _libc.setns(there.fileno(), CLONE_NEWNET) == 0
        yield
        assert _libc.setns(before.fileno(), CLONE_NEWNET) == 0


def send_much(listening: socket.socket) -> None:
    """MEGABYTES to everybody who asks for them."""
    while True:
        client, _ = listening.accept()
        with client:
            if client.recv(1):
                for _ in range(MEGABYTES):
                    client.sendall(bytes(1_000_000))


def echo(datagrams: socket.socket) -> None:
    while True:
        datagrams.sendto(*datagrams.recvfrom(2048))


def answer_at(place: str, address: str) -> None:
    with inside(place):
        listening = socket.create_server((address, PORT))
        datagrams = socket.socket(type=socket.SOCK_DGRAM)
        datagrams.bind((address, PORT))
    threading.Thread(target=send_much, args=(listening,), daemon=True).start()
    threading.Thread(target=echo, args=(datagrams,), daemon=True).start()


def times_of(act: Callable[[], object]) -> list[float]:
    """In milliseconds, the shortest first."""
    found = []
    for _ in range(TIMES):
        began = time.monotonic()
        act()
        found.append((time.monotonic() - began) * 1000)
    return sorted(found)


def connect(address: str) -> socket.socket:
    return socket.create_connection((address, PORT), timeout=10)


def exchange(address: str) -> bytes:
    with socket.socket(type=socket.SOCK_DGRAM) as asking:
        asking.settimeout(10)
        asking.sendto(bytes(1400), (address, PORT))
        return asking.recv(2048)


def take_much(address: str) -> dict[str, float]:
    source = connect(address)
    source.sendall(b"!")
    began, taken = time.monotonic(), 0
    while chunk := source.recv(1 << 20):
        taken += len(chunk)
    return {"bytes": taken, "seconds": time.monotonic() - began}


def await_holder() -> None:
    for _ in range(500):
        with suppress(OSError):
            return distance.probe()
        time.sleep(0.02)
    raise TimeoutError


def main(round_trip: float) -> dict[str, object]:
    mount_own_views()
    build_places()
    wires = map(wire_to, PLACES.values())
    holder = distance.place_apart(wires, round_trip, Path("/dev/stderr"))
    await_holder()
    answer_at("neutral", VAULT_STORE)
    answer_at("aws", AWS_API)
    found: dict[str, object] = {"router": times_of(lambda: connect(VAULT_STORE))}
    with inside("aws"):
        found |= {
            "far": times_of(lambda: connect(VAULT_STORE)),
            "far_datagrams": times_of(lambda: exchange(VAULT_STORE)),
            "near": times_of(lambda: connect(AWS_API)),
            "much": take_much(VAULT_STORE),
        }
    with inside("neutral"):
        connect(AWS_API)
    found["counted"] = run("nft", "list", "counter", "ip", "lab", "neutral_aws_api_new")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    holder.kill()
    holder.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found["processor"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with inside("aws"), socket.socket() as asking:
        asking.settimeout(1)
        found["alone"] = asking.connect_ex((VAULT_STORE, PORT))
    return found


if __name__ == "__main__":
    print(json.dumps(main(float(sys.argv[1]))), flush=True)  # noqa: T201 - for the test
    os._exit(0)
