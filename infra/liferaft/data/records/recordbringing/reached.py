"""One vault as this server reaches it, by the servers' own keys: it lists, reads, creates, and
writes anew. It never deletes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from liferaft.data.bucket.bucketcopy.dialect import StoreKeys
from liferaft.data.bucket.bucketcopy.listing import Listed, folders, listed
from liferaft.data.bucket.bucketcopy.store import Store, StoreRefused, Unreached

from .rules import KEPT_BY_HOSTS, NO_RECORDS, is_of_an_epoch

KNOCK_SECONDS = 5.0
Found = Mapping[str, Listed]
"""What a listing tells, by key below the application's prefix."""


class VaultAway(Exception):
    """A vault did not do what it was asked: it does not answer, refuses, or does not keep it."""

    def __init__(self, vault: str, why: object) -> None:
        super().__init__(f"vault {vault}: {why}")
        self.vault = vault


@dataclass(frozen=True)
class RecordsVault:
    """prefix: the application's, with its slash. Every call raises VaultAway."""

    name: str
    store: Store
    prefix: str

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "RecordsVault":
        keys = StoreKeys(told["access_key"], told["secret_key"], told["region"])
        store = Store("store", told["url"], told["bucket"], keys, told.get("ca_file"))
        return cls(str(told["name"]), store, told["prefix"])

    def knock(self) -> None:
        try:
            self.store.knock(KNOCK_SECONDS)
        except Unreached as fault:
            raise VaultAway(self.name, fault) from None

    def look(self, folder: str) -> Found:
        """All that lies below a folder."""
        try:
            return self._found(listed(self.store, f"{self.prefix}{folder}/"))
        except (Unreached, StoreRefused) as fault:
            raise VaultAway(self.name, fault) from None

    def records(self) -> Found:
        """Each object that liferaft itself writes."""
        below, objects = self._level("")
        found = dict(objects)
        for folder in below:
            if is_of_an_epoch(folder):
                inside, objects = self._level(f"{folder}/")
                found |= objects
                for one in inside:
                    if one.partition("/")[2] not in KEPT_BY_HOSTS:
                        found |= self.look(one)
            elif folder not in NO_RECORDS:
                found |= self.look(folder)
        return found

    def get(self, key: str) -> bytes | None:
        """The object as it lies there; None where there is none."""
        try:
            return self.store.ask("GET", f"{self.prefix}{key}")[1]
        except StoreRefused as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND:
                return None
            raise VaultAway(self.name, f"reading {key}: {refusal}") from None
        except Unreached as fault:
            raise VaultAway(self.name, f"reading {key}: {fault}") from None

    def create(self, key: str, stored: bytes) -> bool:
        """Whether this very object is there on return. What was there already is never overwritten:
        it is looked for first, since some stores cannot refuse it."""
        there = self.get(key)
        if there is None:
            fault = self._create(key, stored)
            there = self.get(key)
            if there is None:
                raise VaultAway(self.name, fault or _forgets(key))
        return there == stored

    def _create(self, key: str, stored: bytes) -> str | None:
        """Why it may not be there."""
        try:
            self._put(key, stored, dict([self.store.dialect.create_only]))
        except StoreRefused as refusal:
            if refusal.status == HTTPStatus.PRECONDITION_FAILED:
                if self.get(key) is None:
                    # Some stores refuse to create what a delete marker hides. What is brought was
                    # decided in another vault, and nothing is there that could be overwritten.
                    self.put(key, stored)
                return None
            return f"creating {key}: {refusal}"
        except Unreached as fault:
            return f"creating {key}: {fault}"
        return None

    def put(self, key: str, stored: bytes) -> None:
        """Write it, whatever was there. It was read back."""
        try:
            self._put(key, stored, {})
        except (StoreRefused, Unreached) as fault:
            raise VaultAway(self.name, f"writing {key}: {fault}") from None
        if self.get(key) != stored:
            raise VaultAway(self.name, _forgets(key))

    def _put(self, key: str, stored: bytes, headers: Mapping[str, str]) -> None:
        self.store.ask("PUT", f"{self.prefix}{key}", headers=headers, body=stored)

    def _level(self, folder: str) -> tuple[list[str], Found]:
        try:
            below, objects = folders(self.store, f"{self.prefix}{folder}")
        except (Unreached, StoreRefused) as fault:
            raise VaultAway(self.name, fault) from None
        names = [one.removeprefix(self.prefix).rstrip("/") for one in below]
        return names, self._found(iter(objects))

    def _found(self, objects: Iterable[Listed]) -> Found:
        return {one.key.removeprefix(self.prefix): one for one in objects}


def _forgets(key: str) -> str:
    return f"it took {key} and does not give it back"
