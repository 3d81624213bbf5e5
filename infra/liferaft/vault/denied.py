"""A vault that is there, and that one command goes on without: as if its vendor were gone."""

from typing import NoReturn

from liferaft.vault.contract import Level, Newest, Seen, VaultUnavailable


class DeniedVault:
    """The contract of a vault that never answers. Nobody is asked for anything."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    def __repr__(self) -> str:
        return f"DeniedVault({self._name!r})"

    def put(self, key: str, body: bytes) -> None:
        self._turn_away(f"writing {key}")

    def create(self, key: str, body: bytes) -> bool:
        self._turn_away(f"creating {key}")

    def get(self, key: str) -> bytes:
        self._turn_away(f"reading {key}")

    def list(self, prefix: str = "") -> tuple[str, ...]:
        self._turn_away(f"listing {prefix}")

    def look(self, prefix: str, *, after: str = "") -> tuple[Seen, ...]:
        self._turn_away(f"listing {prefix}")

    def level(self, folder: str = "") -> Level:
        self._turn_away(f"listing {folder}")

    def stored(self, key: str) -> bytes:
        self._turn_away(f"reading {key}")

    def digest(self, key: str, *, seconds: float) -> str | None:
        self._turn_away(f"reading {key}")

    def newest(self, prefix: str) -> Newest | None:
        self._turn_away(f"listing {prefix}")

    def delete(self, key: str) -> None:
        self._turn_away(f"deleting {key}")

    def _turn_away(self, doing: str) -> NoReturn:
        raise VaultUnavailable(
            self._name,
            doing,
            "it is denied to this drill (--deny)",
            safe="The vault itself was asked for nothing.",
            do="See what a failover would need of it, and have that in another vault as well.",
        )
