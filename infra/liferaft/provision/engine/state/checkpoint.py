"""The checkpoint: every row of a stack, and what is being done at this moment.

Pulumi's format, version 3. Rows that this run has finished come first, in the order they ended;
rows of the state before follow as long as nothing took their place. So a row always comes after
what it depends on.
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

from liferaft.provision.engine.faults import EngineLacks, StateUnreadable
from liferaft.provision.engine.state.passphrase import Passphrase
from liferaft.provision.engine.state.rows import Row, now, row_from_json, row_to_json
from liferaft.provision.engine.state.sealing import compact, holds_secret

VERSION: Final = 3


class Checkpoint:
    """Rows in memory, and their text. Not thread-safe: it lives on the engine's loop."""

    def __init__(self, name: str, passphrase: Passphrase) -> None:
        self._name = name
        self._passphrase = passphrase
        self._texts: WeakKeyDictionary[Row, str] = WeakKeyDictionary()
        self._metadata: Mapping[str, Any] = {}
        self._finished: list[Row] = []
        self._before: list[Row] = []
        self._under_way: dict[Row, str] = {}
        self._became: WeakKeyDictionary[Row, Row] = WeakKeyDictionary()
        self.interrupted: list[Row] = []
        """Rows that a killed run was creating: their objects may exist. They stay noted until
        `settle` is called for them."""
        self.dropped: list[tuple[str, str]] = []
        """(operation, urn) of a killed run's other operations; their rows are still here."""

    @property
    def rows(self) -> list[Row]:
        return [*self._finished, *self._before]

    @property
    def before(self) -> list[Row]:
        """Rows of the state before this run that nothing has taken the place of yet."""
        return list(self._before)

    def find(self, urn: str) -> Row | None:
        """The row of this run with this URN."""
        return next((row for row in reversed(self._finished) if row.urn == urn), None)

    def finish(self, row: Row, old: Row | None) -> None:
        """The row is done in this run, in the place of `old`."""
        old = None if old is None else self._standing(old)
        if old is not None and old in self._finished:  # imported a moment ago
            self.swap(old, row)
            return
        self._finished.append(row)
        if old is not None:
            self._before.remove(old)
            if old.urn != row.urn:  # found by an alias: whoever comes later names it so, too
                for user in self.before:
                    if old.urn in user.needs():
                        self.swap(user, user.with_renamed(old.urn, row.urn))

    def settle(self, urn: str) -> None:
        """What a killed run had begun to create of this URN is known to be there, or not."""
        self.interrupted = [row for row in self.interrupted if row.urn != urn]

    def swap(self, row: Row, new: Row) -> None:
        """A row changes where it stands. Who still holds the old one means the new one."""
        row = self._standing(row)
        self._became[row] = new
        rows = self._finished if row in self._finished else self._before
        rows[rows.index(row)] = new

    def _standing(self, row: Row) -> Row:
        while row in self._became:
            row = self._became[row]
        return row

    def remove(self, row: Row) -> None:
        row = self._standing(row)
        (self._finished if row in self._finished else self._before).remove(row)

    def begin(self, row: Row, operation: str) -> None:
        """An operation (creating, updating, deleting) is about to start on this row."""
        self._under_way[row] = operation

    def end(self, row: Row) -> None:
        del self._under_way[row]

    def text(self) -> str:
        """The whole checkpoint as it rests. Needs an unlocked passphrase."""
        state = {"salt": self._passphrase.state}
        head = {
            "manifest": {"time": now(), "magic": "", "version": ""},
            "secrets_providers": {"type": "passphrase", "state": state},
        }
        return (
            f'{{"version":{VERSION},"checkpoint":{{"stack":{compact(self._name)},'
            f'"latest":{compact(head)[:-1]}{self.content()}}}}}'
        )

    def content(self) -> str:
        """The part of the text that changes only when the stack does."""
        rows = ",".join(map(self._row_text, self.rows))
        under_way = [(row, "creating") for row in self.interrupted] + [*self._under_way.items()]
        operations = ",".join(
            f'{{"resource":{self._row_text(row)},"type":"{operation}"}}'
            for row, operation in under_way
        )
        resources = f',"resources":[{rows}]' if rows else ""
        pending = f',"pending_operations":[{operations}]' if operations else ""
        return f'{resources}{pending},"metadata":{compact(self._metadata)}}}'

    def _row_text(self, row: Row) -> str:
        if row not in self._texts:
            self._texts[row] = compact(row_to_json(row, self._passphrase))
        return self._texts[row]

    async def load(self, latest: Mapping[str, Any]) -> None:
        """Take the rows of an earlier run; unlocks the passphrase if one of them is secret."""
        resources = latest.get("resources", [])
        operations = latest.get("pending_operations", [])
        if holds_secret(resources) or holds_secret(operations):
            await self._passphrase.unlock()
        self._metadata = latest.get("metadata", {})
        self._before = [row_from_json(found, self._passphrase) for found in resources]
        for operation in operations:
            row = row_from_json(operation["resource"], self._passphrase)
            if operation["type"] == "creating":
                self.interrupted.append(row)
            else:
                self.dropped.append((operation["type"], row.urn))


def read_latest(text: bytes | None) -> dict[str, Any]:
    """The deployment inside a checkpoint file; {} for a stack that was never deployed.

    Raises `StateUnreadable` or `EngineLacks` for what we do not know.
    """
    if text is None:
        return {}
    try:
        document = json.loads(text)
        version, checkpoint = document["version"], document["checkpoint"]
    except (ValueError, KeyError, TypeError) as error:
        raise StateUnreadable("The state is not a Pulumi checkpoint.") from error
    latest: dict[str, Any] = checkpoint.get("latest") or {}
    if latest and version != VERSION:
        raise EngineLacks(f"checkpoints of version {version}")
    if document.get("features"):
        raise EngineLacks(f"the state's features {', '.join(document['features'])}")
    kind = (latest.get("secrets_providers") or {"type": "passphrase"})["type"]
    if kind != "passphrase":
        raise EngineLacks(f"the secrets provider `{kind}`")
    return latest


def salt_of(latest: Mapping[str, Any]) -> str:
    """The passphrase state of a deployment; empty if it has none yet."""
    salt: str = (latest.get("secrets_providers") or {}).get("state", {}).get("salt", "")
    return salt
