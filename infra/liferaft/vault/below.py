"""A folder of a vault as a vault of its own: the same records, of something else."""

from liferaft.vault.contract import Level, Newest, Seen, Vault


class FolderVault:
    """The contract over one folder of another vault: keys are relative to it."""

    def __init__(self, whole: Vault, folder: str) -> None:
        self._whole, self._start = whole, f"{folder}/"

    @property
    def name(self) -> str:
        return self._whole.name

    def __repr__(self) -> str:
        return f"FolderVault({self._whole!r}, {self._start!r})"

    def put(self, key: str, body: bytes) -> None:
        self._whole.put(self._start + key, body)

    def create(self, key: str, body: bytes) -> bool:
        return self._whole.create(self._start + key, body)

    def get(self, key: str) -> bytes:
        return self._whole.get(self._start + key)

    def list(self, prefix: str = "") -> tuple[str, ...]:
        return tuple(map(self._relative, self._whole.list(self._at(prefix))))

    def look(self, prefix: str, *, after: str = "") -> tuple[Seen, ...]:
        after = after and self._start + after
        return self._seen(self._whole.look(self._at(prefix), after=after))

    def level(self, folder: str = "") -> Level:
        found = self._whole.level(self._at(folder))
        return Level(tuple(map(self._relative, found.folders)), self._seen(found.objects))

    def stored(self, key: str) -> bytes:
        return self._whole.stored(self._start + key)

    def digest(self, key: str, *, seconds: float) -> str | None:
        return self._whole.digest(self._start + key, seconds=seconds)

    def newest(self, prefix: str) -> Newest | None:
        found = self._whole.newest(self._at(prefix))
        return found and Newest(found.at, self._relative(found.key))

    def delete(self, key: str) -> None:
        self._whole.delete(self._start + key)

    def _at(self, prefix: str) -> str:
        return (self._start + prefix).rstrip("/")

    def _relative(self, key: str) -> str:
        return key.removeprefix(self._start)

    def _seen(self, found: tuple[Seen, ...]) -> tuple[Seen, ...]:
        return tuple(Seen(self._relative(one.key), one.size, one.at) for one in found)
