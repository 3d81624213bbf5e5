"""Users wait for their objects behind no vault that says nothing."""

import dataclasses
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from tests.data.bucket.bucketcopy.conftest import Place
from tests.data.bucket.bucketcopy.test_vaults import MAIN, OTHER, back, both, keep, put

from liferaft.data.bucket.bucketcopy import vaults
from liferaft.data.bucket.bucketcopy.dialect import StoreKeys
from liferaft.data.bucket.bucketcopy.restore import restore
from liferaft.data.bucket.bucketcopy.store import Store, Unreached


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that nobody listens at, and nobody else gets."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def mute() -> Iterator[tuple[str, list[int]]]:
    """A store that takes every connection and never says a word; how many it took."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        took = [0]
        held: list[socket.socket] = []

        def take() -> None:
            with suppress(OSError):
                while True:
                    held.append(server.accept()[0])
                    took[0] += 1

        threading.Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", took
        for one in held:
            one.close()


def test_users_wait_for_no_vault_that_says_nothing(
    place: Place, mute: tuple[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is knocked at once before the first object comes back, and once more behind the last."""
    monkeypatch.setattr(vaults, "KNOCK_SECONDS", 0.2)
    url, took = mute
    sent = put(place, [f"new/{number}" for number in range(20)])
    keep(place, OTHER)
    dead = Store("vault main", url, MAIN, StoreKeys("key", "secret", "r"), None)
    restore(dataclasses.replace(both(place), vault=dead))
    assert back(place) == sent
    assert took[0] == 2


def test_the_only_vault_that_has_all_is_asked_with_patience_and_not_left_out(place: Place) -> None:
    """What the others have alone is not the whole part."""
    put(place, ["new/1"])
    keep(place, OTHER)
    with closed_port() as port:
        dead = Store("vault main", f"http://127.0.0.1:{port}", MAIN, StoreKeys("k", "s", "r"), None)
        with pytest.raises(Unreached, match="vault main"):
            restore(dataclasses.replace(both(place, whole=1), vault=dead))
