"""What the program is told to work on: a file that root alone can read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from .dialect import StoreKeys
from .rows import DatabaseRows, Rows
from .sealing import Seal
from .store import Store
from .vaults import Vaults

KEEP_DELETED = 30 * 86_400.0


@dataclass(frozen=True)
class Task:
    name: str
    """Of the data set."""
    vault_name: str
    """In liferaft.toml. Empty in the task of a keeper that an earlier version has set up, with one
    for all vaults: it goes on with this program until the next deploy."""
    site: Store
    vault: Store
    prefixes: Sequence[str]
    """The folders of epochs in the vault, the newest first; what is kept goes into the first."""
    seal: Seal
    state: Path
    """Folder for what the program writes down."""
    keep_deleted: float = KEEP_DELETED
    """Seconds for which the vault keeps the bytes of what the site has no more."""
    others: Sequence[Store] = ()
    """Vaults beside the first, from which a restore takes what that one has not."""
    whole: int = 1
    """So many of all vaults, the first ones, had all of the part that is restored."""
    references: Sequence[str] = ()
    """Queries for what the application's rows name."""
    rows: Rows | None = None
    """Where they are asked."""
    as_of: float | None = None
    """The moment of which a restore brings the bucket (Unix seconds); None: as it was last."""

    @property
    def instance(self) -> str:
        """Tells apart what is written down for each vault."""
        return f"{self.vault_name}:{self.name}"

    @classmethod
    def read(cls, path: Path) -> Self:
        told: Mapping[str, Any] = json.loads(path.read_text())
        return cls(
            name=told["name"],
            vault_name=told.get("vault_name", ""),
            site=_store("site", told["site"]),
            vault=_store(f"vault {told['vault']['name']}", told["vault"])
            if told.get("others")
            else _store("vault", told["vault"]),
            prefixes=told["prefixes"],
            seal=Seal(**told["seal"]),
            state=Path(told["state"]),
            keep_deleted=told.get("keep_deleted", KEEP_DELETED),
            others=[_store(f"vault {one['name']}", one) for one in told.get("others", ())],
            whole=told.get("whole", 1),
            references=told.get("references", ()),
            rows=_rows(told),
            as_of=told.get("as_of"),
        )

    def vaults(self) -> Vaults:
        """All of them, to read from."""
        return Vaults([self.vault, *self.others], whole=self.whole)

    def write_names(self, what: str, names: Mapping[str, str]) -> None:
        """All of them, with reasons, a line each: into `bucket-NAME.WHAT`."""
        lines = (json.dumps({"key": key, "why": why}) for key, why in sorted(names.items()))
        text = "".join(f"{line}\n" for line in lines)
        self.write(f"bucket-{self.name}.{what}", text)

    def write(self, file: str, text: str, *, mode: int = 0o600) -> None:
        """Into the state's folder, put in place whole. What holds names is root's alone."""
        path = self.state / file
        half = path.with_name(f".{path.name}")
        half.unlink(missing_ok=True)  # a killed one left it: it keeps its own mode
        half.touch(mode)
        half.write_text(text)
        half.rename(path)


def _rows(told: Mapping[str, Any]) -> Rows | None:
    if not told.get("references"):
        return None
    return DatabaseRows(told["database"], told["reader"], told["references"])


def _store(name: str, told: Mapping[str, str]) -> Store:
    keys = StoreKeys(told["access_key"], told["secret_key"], told["region"])
    return Store(name, told["url"], told["bucket"], keys, told.get("ca_file"))
