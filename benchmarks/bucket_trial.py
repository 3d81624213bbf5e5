"""`python -m benchmarks.bucket_trial --seed N --report FOLDER`: hostile objects, there and back.

Objects with every sort of key that S3 allows, from a seed, go from a store that is strict about S3
into a vault (SeaweedFS), through the keeper and a snapshot, while an app writes. From there they go
back twice, while an app writes: to a strict store, where all have to be back to the byte, and to
SeaweedFS, which keeps objects in folders and cannot take every key: what it cannot is told by name.
Each restore is killed once in the middle. FOLDER/figures.json has what it came to.
"""

import argparse
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self

from tests.data.flat_store import KEPT, FlatStore, flat_store
from tests.data.hostile import filled, hostile
from tests.seaweed import FIRST, seaweed

from benchmarks.bucket_lab import NAME, Broken, BucketLab, names_told, store_of, wait_for
from liferaft.data.bucket.bucketcopy.listing import listed
from liferaft.data.bucket.bucketcopy.store import Store, StoreRefused

OBJECTS = 5000
DELETED = 0.1
"""Of what the app writes."""
PLAIN = re.compile(r"photos/[0-9]+\.jpg")
"""What any store takes as it is."""
Content = tuple[bytes, Mapping[str, str]]


class App:
    """Writes and deletes objects, some of them under keys that are to be restored, until it ends.

    `wrote`: what it left under each key that it touched; None is deleted.
    """

    def __init__(self, store: Store, keys: list[str], seed: int) -> None:
        self._store, self._keys, self._draw = store, keys, random.Random(seed)  # noqa: S311  # no secret
        self._ends, self._thread = Event(), Thread(target=self._run)
        self.wrote: dict[str, bytes | None] = {}
        self.writes = 0
        self.failed: Exception | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def has_written(self, count: int) -> bool:
        if self.failed is not None:
            raise Broken(f"the app itself could not write: {self.failed}") from self.failed
        return self.writes >= count

    def _run(self) -> None:
        try:
            while not self._ends.wait(self._draw.uniform(0, 0.01)):
                self._write()
        except Exception as error:  # noqa: BLE001  # told by has_written
            self.failed = error

    def _write(self) -> None:
        key = self._draw.choice([*self._draw.choices(self._keys, k=3), f"new/{self.writes}"])
        body = f"by the app, {self.writes}".encode()
        self._store.ask("PUT", key, headers={"content-type": "text/plain"}, body=body)
        self.wrote[key] = body
        if self._draw.random() < DELETED:
            self._store.ask("DELETE", key)
            self.wrote[key] = None
        self.writes += 1


def play(folder: Path, objects: int, seed: int) -> dict[str, Any]:
    """The whole story. Raises Broken."""
    with seaweed() as weed, flat_store() as flat:
        weed.client().create_bucket(Bucket="back-in-folders")
        lab = BucketLab(folder, weed, FIRST)
        filled(flat, "site", hostile(objects, seed))
        kept = _kept(lab, flat, seed)
        old = _contents(flat, "site")
        strict = _back(lab, flat, "back", sorted(old), seed + 1)
        strict.update(_compared(old, strict, _contents(flat, "back"), every=True))
        _see_conditions(flat)
        plain = [key for key in sorted(old) if PLAIN.fullmatch(key)]
        folders = _back(lab, weed, "back-in-folders", plain, seed + 2)
        there = _fetched(store_of(weed, "back-in-folders"))
        folders.update(_compared(old, folders, there, every=False))
    public = {"in_the_end": len(old), **kept, "strict": strict, "folders": folders}
    for one in (strict, folders):
        del one["wrote"], one["told"]
    return public


def _kept(lab: BucketLab, flat: FlatStore, seed: int) -> dict[str, Any]:
    """Keeper and snapshot while the app writes; then everything is in the vault."""
    task, mark = lab.task(flat, "site"), lab.state("site") / "kept" / "main" / NAME
    keys, began = sorted(flat.bucket("site")), time.monotonic()
    keeper = lab.started("keep", task)
    try:
        with App(store_of(flat, "site"), keys, seed) as app:
            wait_for("the keeper's first pass", lambda: mark.exists() or _over(keeper))
            came = lab.done("snapshot", task)
            wait_for("the app", lambda: app.has_written(100))
        ended = time.time()
        wait_for(
            "a pass after the app's end",
            lambda: float(mark.read_text()) > ended or _over(keeper),
        )
    finally:
        if _over(keeper):
            raise Broken("the keeper gave up")
        keeper.kill()
        keeper.wait()
    after = lab.done("snapshot", task)
    for one in (came, after):
        if one["missing"] or one["left_out_count"] or one["lacking_count"]:
            raise Broken(f"not all was kept: {one}")
    if after["copied"]:
        raise Broken(f"the keeper had missed {after['copied']} objects")
    return {"kept_seconds": _since(began), "writes_while_kept": app.writes}


def _back(lab: BucketLab, store: Any, bucket: str, keys: list[str], seed: int) -> dict[str, Any]:
    """A restore while the app writes, killed once on its way."""
    task, began = lab.task(store, bucket), time.monotonic()
    progress = lab.state(bucket) / f"bucket-{NAME}.progress"

    def some(of: Callable[[Any], float]) -> bool:
        with suppress(FileNotFoundError):
            return of(json.loads(progress.read_text())) > 0
        return False

    with App(store_of(store, bucket), keys, seed) as app:
        first = lab.started("restore", task)
        wait_for("the first objects", lambda: some(lambda came: came["objects"]) or _over(first))
        first.kill()
        first.wait()
        lab.done("restore", task)
        wait_for("the app", lambda: app.has_written(50))
    compared = lab.done("compare", task)
    if compared["missing_count"]:
        raise Broken(f"missing and not told: {compared['missing']}")
    return {
        "seconds": _since(began),
        "writes": app.writes,
        "wrote": app.wrote,
        "told": names_told(lab.state(bucket) / f"bucket-{NAME}.not-restored"),
    }


def _over(process: Any) -> bool:
    return process.poll() is not None


def _compared(
    old: Mapping[str, Content], came: Mapping[str, Any], new: Mapping[str, Content], *, every: bool
) -> dict[str, Any]:
    """Raises Broken unless each object is as the app left it, back to the byte, or told by name.
    every: all have to be back."""
    wrote, told = came["wrote"], came["told"]
    overwritten = [
        key for key, body in wrote.items() if body is not None and new.get(key, (b"",))[0] != body
    ]
    lost = [
        key
        for key, content in old.items()
        if key not in wrote and new.get(key) != content and (every or key not in told)
    ]
    if overwritten or lost:
        said = [f"{key!r}: {_short(old.get(key))} → {_short(new.get(key))}" for key in lost[:5]]
        raise Broken(f"overwritten: {overwritten[:5]!r}; lost: {said}")
    back = sum(key not in wrote and new.get(key) == content for key, content in old.items())
    return {"to_the_byte": back, "told_by_name": len(told), "the_apps_own": len(wrote)}


def _short(content: Content | None) -> str:
    return "absent" if content is None else f"{len(content[0])} bytes, {dict(content[1])}"


def _see_conditions(flat: FlatStore) -> None:
    """Each object that came back went over the wire under the condition, and the app's did not."""
    by_copy = [
        headers.get("if-none-match")
        for method, target, headers in list(flat.asked)
        if method == "PUT" and target.startswith("/back/")
    ]
    if by_copy.count("*") < 1 or set(by_copy) - {"*", None}:
        raise Broken(f"conditions on the wire: {set(by_copy)}")


def _contents(flat: FlatStore, bucket: str) -> dict[str, Content]:
    return {key: (one.body, one.headers) for key, one in flat.bucket(bucket).items()}


def _fetched(store: Store) -> dict[str, Content]:
    """What the store lists and gives."""
    found: dict[str, Content] = {}
    for one in listed(store):
        with suppress(StoreRefused):
            headers, body = store.ask("GET", one.key)
            found[one.key] = (
                body,
                {
                    name: text
                    for name, text in headers.items()
                    if name in KEPT or name.startswith("x-amz-meta-")
                },
            )
    return found


def _since(began: float) -> float:
    return round(time.monotonic() - began, 1)


def main() -> int:
    """0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bucket_trial")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--objects", type=int, default=OBJECTS)
    parser.add_argument("--report", type=Path, required=True)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        try:
            figures = play(Path(name), asked.objects, asked.seed)
        except Broken as broken:
            print(broken, file=sys.stderr)
            return 1
    asked.report.mkdir(parents=True, exist_ok=True)
    (asked.report / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
