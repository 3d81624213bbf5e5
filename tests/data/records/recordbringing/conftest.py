"""Vaults of one application in a strict store: commands write there, and so does the program that
servers have."""

import json
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.data.flat_store import Asked, FlatStore, Refusal, flat_store
from tests.models.several import Several
from tests.models.vault import Absence, Shelf

from liferaft.data.bucket.bucketcopy import store
from liferaft.data.records.recordbringing import look
from liferaft.data.records.recordbringing.main import main
from liferaft.vault import CheckedVault, EveryVault
from liferaft.vault.catching_up import records

EPOCH, SECRETS = "epoch/00000001", "epoch-00000001/secrets.age"
RELEASE, PIN = "epoch-00000001/release.json", "pins/east/db-1.json"
EVENT, POINT = "runs/a/000001.json", "epoch-00000001/points/20261130T120000Z.json"
STATE = "state/.pulumi/stacks/chirp/east.json"


class _Bodies(MutableMapping[str, bytes]):
    """A bucket of the store, as the model of a vault has its objects."""

    def __init__(self, flat: FlatStore, bucket: str) -> None:
        self._flat, self._bucket = flat, bucket

    def __getitem__(self, key: str) -> bytes:
        return self._flat.bucket(self._bucket)[key].body

    def __setitem__(self, key: str, body: bytes) -> None:
        self._flat.put(self._bucket, key, body)

    def __delitem__(self, key: str) -> None:
        del self._flat.bucket(self._bucket)[key]

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._flat.bucket(self._bucket)))

    def __len__(self) -> int:
        return len(self._flat.bucket(self._bucket))


@dataclass
class Fleet:
    """Several vaults and a server of the site that reigns."""

    flat: FlatStore
    folder: Path
    epoch: int = 1
    several: Several = field(default_factory=Several)
    hour: int = 0
    """Hours that have passed."""

    def __post_init__(self) -> None:
        for name, vault in self.several.raw.items():
            vault.shelf = Shelf(_Bodies(self.flat, name))  # type: ignore[arg-type]  # as a dict is

    def command(self) -> EveryVault:
        return self.several.command()

    def alone(self, name: str) -> CheckedVault:
        return self.several.alone(name)

    def look(self, *, epoch: int | None = None) -> int:
        """As the timer calls it; its exit code. Each look is an hour after the one before."""
        self.hour += 1
        vaults = [
            {
                "name": name,
                "url": self.flat.url,
                "bucket": name,
                "region": self.flat.region,
                "access_key": self.flat.key,
                "secret_key": self.flat.secret,
                "ca_file": None,
                "prefix": "chirp/",
            }
            for name in self.several.raw
        ]
        told = {
            "epoch": epoch or self.epoch,
            "state": str(self.folder / "state"),
            "vaults": vaults,
        }
        settings = self.folder / "settings.json"
        settings.write_text(json.dumps(told))
        return main([str(settings)], lambda: datetime.now(UTC) + timedelta(hours=self.hour))

    def away(self, name: str) -> None:
        self.several.away(name, Absence.UNREACHABLE)
        self.refuse(lambda asked: asked.bucket == name, 503)

    def back(self, name: str) -> None:
        self.several.back(name)
        self.flat.before = lambda _: None

    def refuse(self, which: Callable[[Asked], bool], status: int) -> None:
        def before(asked: Asked) -> None:
            if which(asked):
                raise Refusal(status, "ServiceUnavailable" if status > 500 else "AccessDenied")

        self.flat.before = before

    def alike(self) -> bool:
        found = [records(self.alone(name)) for name in self.several.raw]
        same = all(one == found[0] for one in found)
        return same and all(len(self.several.everywhere(key)) == 1 for key in found[0])

    def is_whole(self) -> bool:
        """As commands see it."""
        return not self.command().roll.lacking

    def written(self, bucket: str) -> list[str]:
        """Keys that were written in a vault, in their order."""
        start = f"/{bucket}/chirp/"
        rows = (target for method, target, _ in self.flat.asked if method == "PUT")
        return [target.removeprefix(start) for target in rows if target.startswith(start)]


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was refused for a moment is asked again at once."""
    monkeypatch.setattr(store, "_PAUSE", 0.001)
    monkeypatch.setattr(look, "SETTLE_SECONDS", 0.0)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    with flat_store() as flat:
        found = Fleet(flat, tmp_path)
        found.command().create(EPOCH, b"east")
        found.command().create(SECRETS, b"sealed")
        found.command().put(RELEASE, b"the first release")
        found.command().put(PIN, b"the first pin")
        yield found


def away_while(fleet: Fleet, name: str = "first") -> None:
    """What commands and servers write while a vault is away."""
    fleet.away(name)
    vault = fleet.command()
    vault.create("lease/00000001", b'{"expires": "2026-01-01T00:00:00Z"}')
    vault.put("lease-renewed/00000001", b'{"expires": "2026-01-01T00:00:00Z", "released": true}')
    vault.create(EVENT, b"event")
    vault.put(PIN, b"the second pin")
    vault.put(RELEASE, b"the second release")
    vault.put("epoch-00000001/blueprint.age", b"sealed too")
    vault.put(POINT, b"manifest")
    for other in set(fleet.several.raw) - {name}:
        fleet.flat.put(other, f"chirp/{STATE}", b"the engine's, new")
    fleet.back(name)
