"""The program that copies buckets, as processes of this machine, between stores of this machine."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.data.flat_store import FlatStore
from tests.seaweed import Seaweed

from liferaft.data.bucket.bucketcopy.dialect import StoreKeys
from liferaft.data.bucket.bucketcopy.store import Store
from liferaft.data.bucket.program import BucketTask, SiteBucket, program
from liferaft.data.rclone import CryptSecrets, Sealed
from liferaft.site.reach import VaultAccess

PATIENCE = 600.0
"""Seconds for what comes by itself."""
SEAL = CryptSecrets("the-seals-password-77a0", "the-seals-salt-19fe")
NAME = "media"


class Broken(Exception):
    """A promise was not kept, or a program failed."""


@dataclass(frozen=True)
class BucketLab:
    """Sites' buckets at any of two stores, one vault, and a folder for what the programs write."""

    folder: Path
    vault: Seaweed
    vault_bucket: str

    def task(self, store: FlatStore | Seaweed, bucket: str) -> Path:
        """The file that names a site's bucket to the program, with a state of its own."""
        keys = ("us-east-1", store.key, store.secret)
        vault = VaultAccess(
            "main", self.vault_bucket, "vault.test", 1, "us-east-1", self.vault.key,
            self.vault.secret, prefix="app/",
        )  # fmt: skip
        told = BucketTask(NAME, SiteBucket(bucket, store.url, *keys), Sealed(vault, SEAL), (1,))
        document = json.loads(told.files()[1].content)
        document["vault"]["url"] = self.vault.url
        document["state"] = str(self.state(bucket))
        for folder in ("kept/main", "manifests"):
            (self.state(bucket) / folder).mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{bucket}.json"
        path.write_text(json.dumps(document))
        return path

    def state(self, bucket: str) -> Path:
        return self.folder / bucket

    def started(self, act: str, task: Path) -> subprocess.Popen[bytes]:
        """The program as it goes to hosts."""
        packed = self.folder / "liferaft-bucket"
        packed.write_bytes(program())
        with (self.folder / f"{act}-{task.stem}.log").open("ab") as log:
            argv = [sys.executable, "-I", str(packed), act, str(task)]
            return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=log)

    def done(self, act: str, task: Path) -> Any:
        """What it answered in the end. Raises Broken."""
        process = self.started(act, task)
        said, _ = process.communicate(timeout=PATIENCE)
        if process.returncode:
            log = (self.folder / f"{act}-{task.stem}.log").read_text(errors="replace")
            raise Broken(f"{act} ended with {process.returncode}: {log[-500:]}")
        return json.loads(said) if said else None


def store_of(place: FlatStore | Seaweed, bucket: str) -> Store:
    """The program's own view: no other client leaves every key as it is."""
    return Store("site", place.url, bucket, StoreKeys(place.key, place.secret, place.region), None)


def wait_for(what: str, true: Callable[[], bool]) -> None:
    """Raises Broken when it does not come true."""
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            raise Broken(f"waited in vain for {what}")
        time.sleep(0.02)


def names_told(path: Path) -> dict[str, str]:
    """Key → why, of a file that the program left."""
    rows: Sequence[Any] = [json.loads(line) for line in path.read_text().splitlines()]
    return {row["key"]: row["why"] for row in rows}
