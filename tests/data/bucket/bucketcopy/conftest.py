"""A strict store, and the program's own view of buckets in it."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.data.flat_store import Asked, FlatStore, flat_store

from liferaft.data.bucket.bucketcopy import store
from liferaft.data.bucket.bucketcopy.dialect import StoreKeys
from liferaft.data.bucket.bucketcopy.sealing import Seal
from liferaft.data.bucket.bucketcopy.snapshot import snapshot
from liferaft.data.bucket.bucketcopy.store import Store
from liferaft.data.bucket.bucketcopy.task import Task

FOLDER = "app/epoch-00000001/bucket/media/"
LATER = "app/epoch-00000002/bucket/media/"
SEAL = Seal("the-password", "the-salt")


@dataclass
class Place:
    """Where buckets `site`, `new` and `vault` are."""

    flat: FlatStore
    state: Path

    def store(self, name: str, bucket: str) -> Store:
        flat = self.flat
        keys = StoreKeys(flat.key, flat.secret, flat.region)
        return Store(name, flat.url, bucket, keys, None)

    def task(self, bucket: str, prefixes: Sequence[str] = (FOLDER,)) -> Task:
        site, vault = self.store("site", bucket), self.store("vault", "vault")
        return Task("media", "neutral", site, vault, prefixes, SEAL, self.state)


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was refused for a moment is asked again at once."""
    monkeypatch.setattr(store, "_PAUSE", 0.001)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    (tmp_path / "kept/neutral").mkdir(parents=True)
    (tmp_path / "manifests").mkdir()
    with flat_store() as flat:
        yield Place(flat, tmp_path)


def kept(place: Place, prefix: str = FOLDER) -> None:
    """The site's bucket, by a snapshot into this folder of the vault."""
    came = snapshot(place.task("site", [prefix]))
    assert (came["missing"], came["left_out_count"]) == (0, 0)


def progress(place: Place) -> Any:
    """What a restore has written down."""
    return json.loads((place.state / "bucket-media.progress").read_text())


def contents(place: Place, bucket: str) -> dict[str, tuple[bytes, dict[str, str]]]:
    return {key: (one.body, one.headers) for key, one in place.flat.bucket(bucket).items()}


def cut_off_after(writes: int) -> Callable[[Asked], None]:
    """The site's new bucket takes so many, and breaks every further one off."""
    puts = 0

    def before(asked: Asked) -> None:
        nonlocal puts
        if asked.bucket == "new" and asked.method == "PUT":
            puts += 1
            if puts > writes:
                raise ConnectionResetError

    return before
