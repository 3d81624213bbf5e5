"""The program that copies buckets, as one file for a host, and what it is told to work on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from liferaft.data.bucket.config import KEEP_DELETED
from liferaft.data.rclone import Sealed
from liferaft.remote.contract import Host
from liferaft.remote.files import PROGRAMS, HostFile, folders, put_changed
from liferaft.remote.markers import MARKERS
from liferaft.remote.program import packed
from liferaft.site.reach import VaultAccess
from liferaft.vault.layout import EpochKeys

AREA: Final = "bucket"
"""The folder of buckets below an epoch's in a vault."""
PROGRAM: Final = f"{PROGRAMS}/liferaft-bucket"
TASKS: Final = "/etc/liferaft/buckets"
"""A file for each act on each bucket and vault; they hold keys."""
MANIFESTS: Final = f"{MARKERS}/manifests"
"""A file for each vault and bucket, by which a keeper knows what lies in the vault."""
READER: Final = "liferaft-reader"
"""User of the database's server and role of the database: it reads rows, and nothing else."""
PACKAGES: Final = ("python3", "python3-cryptography")
_SOURCES: Final = Path(__file__).parent / "bucketcopy"


@dataclass(frozen=True)
class SiteBucket:
    """A bucket of the app at one site, as its own hosts reach it."""

    bucket: str
    url: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)
    ca_file: str | None = None


@dataclass(frozen=True)
class BucketTask:
    """What one act on one bucket works on. `use` tells apart what happens at one time."""

    name: str
    site: SiteBucket
    sealed: Sealed
    epochs: Sequence[int]
    """The newest first; what is kept goes into the first."""
    use: str = "bucket"
    keep_deleted: int = KEEP_DELETED
    others: Sequence[Sealed] = ()
    """Vaults beside the first: a restore takes from them what that one has not."""
    whole: int = 1
    """So many of all vaults, the first ones, had all of the part that is restored."""
    state: str = MARKERS
    """The folder on the host for what the program writes down."""
    references: Sequence[str] = ()
    database: str = ""
    """Where the rows are that `references` asks for."""
    as_of: float | None = None
    """The moment of which a bucket is brought back (Unix seconds); None: as it was last."""

    @property
    def path(self) -> str:
        return f"{TASKS}/{self.use}-{self.instance}.json"

    @property
    def instance(self) -> str:
        """Vault and bucket. No name has a colon."""
        return f"{self.sealed.vault.name}:{self.name}"

    def argv(self, act: str) -> list[str]:
        """No secret is in there."""
        return [PROGRAM, act, self.path]

    def prefix(self, epoch: int) -> str:
        """The folder in the vault."""
        return f"{self.sealed.vault.prefix}{EpochKeys(epoch).data(AREA, self.name)}/"

    def files(self) -> tuple[HostFile, ...]:
        task = json.dumps(self._document(), indent=1, sort_keys=True).encode()
        return HostFile(PROGRAM, program(), mode=0o755), HostFile(self.path, task, mode=0o600)

    async def put(self, host: Host) -> None:
        """Program and task are on the host."""
        await folders(host, "/etc/liferaft", PROGRAMS, MARKERS)
        if self.state != MARKERS:
            await folders(host, self.state)
        await folders(host, TASKS, MANIFESTS, mode=0o700)
        await put_changed(host, self.files())

    def _document(self) -> dict[str, Any]:
        site, seal = self.site, self.sealed.seal
        document: dict[str, Any] = {
            "name": self.name,
            "vault_name": self.sealed.vault.name,
            "site": _place(site, site.bucket),
            "vault": _place(self.sealed.vault, self.sealed.vault.bucket),
            "prefixes": [self.prefix(epoch) for epoch in self.epochs],
            "seal": {"password": seal.password, "salt": seal.salt},
            "state": self.state,
            "keep_deleted": self.keep_deleted * 86_400,
            "references": list(self.references),
            "database": self.database,
            "reader": READER,
        }
        if self.as_of is not None:
            document["as_of"] = self.as_of
        if self.others:
            first, *others = [_named(one.vault) for one in (self.sealed, *self.others)]
            document |= {"vault": first, "others": others, "whole": self.whole}
        return document


def _named(vault: VaultAccess) -> dict[str, str | None]:
    return {**_place(vault, vault.bucket), "name": vault.name}


def _place(place: SiteBucket | VaultAccess, bucket: str) -> dict[str, str | None]:
    return {
        "url": place.url,
        "bucket": bucket,
        "region": place.region,
        "access_key": place.access_key,
        "secret_key": place.secret_key,
        "ca_file": place.ca_file,
    }


@cache
def program() -> bytes:
    """An archive that Python runs."""
    return packed(_SOURCES)
