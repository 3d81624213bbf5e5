from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from obstore.store import MemoryStore

from liferaft.vault import StoredVault, VaultUnavailable


@dataclass
class RuledClock:
    """Time goes on only when a test says so."""

    wall: datetime = field(default_factory=lambda: datetime(2026, 11, 22, 14, tzinfo=UTC))
    seconds: float = 0.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    def advance(self, seconds: float, *, wall: float | None = None) -> None:
        self.seconds += seconds
        self.wall += timedelta(seconds=seconds if wall is None else wall)


class Vendor(StoredVault):
    """A vault that can be cut off."""

    cut = False
    refused = 0
    """How many writes met the cut."""

    def create(self, key: str, body: bytes) -> bool:
        if self.cut:
            self.refused += 1
            raise VaultUnavailable(self.name, f"creating {key}", "cut off")
        return super().create(key, body)

    def put(self, key: str, body: bytes) -> None:
        if self.cut:
            self.refused += 1
            raise VaultUnavailable(self.name, f"writing {key}", "cut off")
        super().put(key, body)


@pytest.fixture
def clock() -> RuledClock:
    return RuledClock()


@pytest.fixture
def vault() -> Vendor:
    return Vendor("main", MemoryStore())


@pytest.fixture
def second() -> Vendor:
    return Vendor("second", MemoryStore())
