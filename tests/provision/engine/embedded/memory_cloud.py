"""Our own provider over a cloud that is a JSON file: what it holds outlives the engine's process.

Its creates are idempotent by owner token, as the clouds' are.
"""

import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from liferaft.clouds.classification import Classification, Verdict
from liferaft.clouds.contract import Allowance, Owned, Owner
from liferaft.clouds.inventory import Inventory
from liferaft.clouds.kinds import KINDS, ResourceKind
from liferaft.clouds.sizes import Size, WantedSize
from liferaft.provision.provider import LiferaftProvider

NAME = "memory"
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Things:
    """One kind: `{token: {"id", "owner", "facts"}}` in the file."""

    kind: ResourceKind[Any, Any]
    file: Path

    @contextmanager
    def _edited(self) -> Iterator[dict[str, Any]]:
        """What the cloud holds, by owner token; kept as the block leaves it."""
        with _ONE_AT_A_TIME:
            found = json.loads(self.file.read_text()) if self.file.exists() else {"objects": {}}
            yield found["objects"]
            half = self.file.with_suffix(".half")
            half.write_text(json.dumps(found))
            half.rename(self.file)

    def create(self, spec: Any, owner: Owner) -> Any:
        with self._edited() as things:
            if owner.token not in things:
                ident = f"{self.kind.name}-{len(things) + 1}"
                told = {name: f"{name} of {ident}" for name in self.kind.facts_alone()}
                known = {k: v for k, v in asdict(spec).items() if k in self._facts()}
                things[owner.token] = {"id": ident, "facts": {"id": ident, **known, **told}}
            return self.kind.facts(**things[owner.token]["facts"])

    def _facts(self) -> set[str]:
        return {field.name for field in fields(self.kind.facts)}

    def read(self, ident: str) -> Any | None:
        with self._edited() as things:
            found = [thing for thing in things.values() if thing["id"] == ident]
        return self.kind.facts(**found[0]["facts"]) if found else None

    def update(self, ident: str, _: Any) -> Any:
        return self.read(ident)

    def delete(self, ident: str) -> None:
        with self._edited() as things:
            for token in [token for token, thing in things.items() if thing["id"] == ident]:
                del things[token]

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        with self._edited() as things:
            mine = [thing["id"] for thing in things.values() if self.kind.name in thing["id"]]
        return [Owned(ident, f"{app}-{site}", {}) for ident in mine]


@dataclass(frozen=True)
class MemoryCloud:
    name: str
    region: str
    kinds: Mapping[str, Things]

    def classify(self, error: Exception) -> Classification:
        return Classification(Verdict.OUTAGE, type(error).__name__, str(error))

    def sizes(self, wanted: WantedSize) -> Sequence[Size]:
        return [Size("any", wanted.cpus, wanted.memory, wanted.architecture, 1.0)]

    def allowance(
        self, servers: Mapping[str, WantedSize], *, has_bucket: bool = False
    ) -> Allowance:
        return Allowance()

    def account(self) -> str:
        return NAME


def provider() -> LiferaftProvider:
    file = Path(os.environ["LIFERAFT_CLOUD"])
    kinds = {name: Things(kind, file) for name, kind in KINDS.items()}

    def opened(name: str, region: str, _: Inventory) -> MemoryCloud:
        return MemoryCloud(name, region, kinds)

    return LiferaftProvider(opened)
