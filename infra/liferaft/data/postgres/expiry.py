"""Base backups that nothing needs go, and the WAL before the oldest that stays.

Backups go by pgBackRest's own `expire --set`, on the server of the database, for one repository at
a time. It takes a backup with all that depend on it, the newest first, and manifests first, so that
what is killed leaves whole backups, and the next call takes away the rest; it holds the lock of
that store's backups meanwhile (2.45 to 2.55, command/expire/expire.c).

WAL we delete ourselves, by name. pgBackRest would count full backups (`retention-archive`), and
one that a timer ends between the count and the call would make it cut into what the oldest needs.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from liferaft.data.deleting import DELETE_SECONDS, delete_each
from liferaft.data.kind import DataPlace, Kind
from liferaft.data.postgres.configuration import Repository, pgbackrest
from liferaft.data.postgres.layout import (
    ETC,
    STANZA,
    Cluster,
    archive_in_vault,
    backups_in_vault,
    cluster_of,
)
from liferaft.data.postgres.spare import is_before
from liferaft.data.surplus import Surplus
from liferaft.failures import Refused
from liferaft.plan.step import Step
from liferaft.remote.acts import HostActFailed, act, as_user
from liferaft.remote.contract import Host
from liferaft.remote.files import HostFile, folder, put_changed
from liferaft.site.reach import KeysOf, VaultAccess, vault_accesses
from liferaft.site.world import World
from liferaft.vault import vault_named
from liferaft.vault.layout import digits

FOLDER: Final = f"{ETC}/expire"
"""Of a configuration for each archive that was pruned: that of an earlier reign is no other's."""
_READ: Final = frozenset({0, 2})
"""What `info` says of a stanza that it could read: ok, and no backup yet.
https://github.com/pgbackrest/pgbackrest/blob/main/src/command/info/info.c"""
_NO_STANZA: Final = 1
_NO_HISTORY: Final = "--repo1-retention-history=0"
"""Manifests of backups that are gone go as well: of a large database each is megabytes."""
_KEYS: Final = "PGBACKREST_REPO1_S3_KEY PGBACKREST_REPO1_S3_KEY_SECRET"
_WITH_KEYS: Final = (
    *("bash", "-c", f'for one in {_KEYS}; do IFS= read -r "$one"; done; export {_KEYS}; exec "$@"'),
    "pgbackrest",
)
"""Variables count before a configuration: https://pgbackrest.org/command.html#introduction"""
EXPIRE_SECONDS: Final = 3600.0
"""How long one call may take: a store without a request for many deletes one by one."""


class ExpireFailed(HostActFailed):
    """pgBackRest did not take away what nothing needs."""


def of_spare(
    kind: Kind[Any], at: DataPlace, surplus: Surplus, needs: tuple[str, ...]
) -> Iterator[Step]:
    """One step for the archive of an epoch in a vault."""
    acts = []
    if surplus.names:
        acts.append(f"let pgBackRest expire {', '.join(sorted(surplus.names))}")
    if surplus.archive:
        acts.append(
            f"delete WAL before {surplus.before}, where the oldest backup that stays begins"
        )
    said = "; ".join(acts)
    yield Step(
        f"backups-{surplus.vault}-{surplus.epoch}",
        f"{said[:1].upper()}{said[1:]} (vault {surplus.vault}, epoch {surplus.epoch})",
        ExpireBackups(
            at.name,
            kind.server(at.roster),
            surplus.vault,
            surplus.epoch,
            surplus.names,
            surplus.before if surplus.archive else "",
        ),
        needs=needs,
        deadline=len(surplus.names) * EXPIRE_SECONDS + DELETE_SECONDS,
    )


@dataclass(frozen=True)
class ExpireBackups:
    """A vault holds none of these backups of an epoch, nor WAL before a segment; empty: all of the
    WAL stays."""

    name: str
    server: str
    vault: str
    epoch: int
    labels: tuple[str, ...]
    before: str

    async def holds(self, world: World) -> bool:
        """The vault itself is listed for the backups; pgBackRest says where its WAL begins."""
        if await asyncio.to_thread(self._are_there, world):
            return False
        return not await self._older(world)

    async def apply(self, world: World) -> Mapping[str, Any]:
        if self.labels:
            await self._let_go(world)
        older = await self._older(world)
        await delete_each(vault_named(world.site.vault, self.vault), older)
        return {"vault": self.vault, "backups": list(self.labels), "segments": len(older)}

    async def _let_go(self, world: World) -> None:
        """By the operator's key, where that is another than the server's."""
        there, keys = await self._opened(world), None
        if world.site.credentials.vaults[self.vault].hosts is not None:
            accesses = vault_accesses(world, KeysOf.OPERATOR)
            (keys,) = (one for one in accesses if one.name == self.vault)
        await there.let_go(self.labels, keys)

    async def prove(self, world: World) -> None:
        if await asyncio.to_thread(self._are_there, world):
            raise ExpireFailed(
                f"Vault {self.vault} still lists base backups that pgBackRest has expired: "
                f"{', '.join(self.labels)}",
                safe="No recovery point names them any more; those that stay are untouched.",
                do="See whether this vault's key may delete, and run the same command again.",
            )

    async def _older(self, world: World) -> tuple[str, ...]:
        """Keys of the WAL that goes: none that a backup needs which pgBackRest lists by now."""
        if not self.before:
            return ()
        listed = oldest_start(await (await self._opened(world)).information())
        first = min(self.before, listed or "")
        vault = vault_named(world.site.vault, self.vault)
        keys = await asyncio.to_thread(vault.list, archive_in_vault(self.epoch))
        return tuple(key for key in keys if is_before(key, first))

    def _are_there(self, world: World) -> bool:
        vault = vault_named(world.site.vault, self.vault)
        there = backups_in_vault(self.epoch)
        return any(vault.list(f"{there}/{label}") for label in self.labels)

    async def _opened(self, world: World) -> "ArchiveOnHost":
        """The server, which is told how to reach this archive: that of an earlier reign as well."""
        host = await world.servers.host(self.server)
        secrets = await world.site.secrets()
        reached = vault_accesses(world)
        access = next((one for one in reached if one.name == self.vault), None)
        if access is None:
            raise Refused(
                f"Servers cannot reach vault {self.vault}: its backups are not theirs to expire",
                safe="Nothing was done in it.",
                do="Name it with an s3:// URL, as it was when it took these backups.",
            )
        key = secrets.pgbackrest_cipher_pass.get_secret_value()
        cluster = cluster_of(world.site.config.system)
        there = ArchiveOnHost(host, Repository(access, self.epoch, key), cluster)
        await there.configure()
        return there


@dataclass(frozen=True)
class ArchiveOnHost:
    """One vault's archive of one epoch, as pgBackRest on a server sees it."""

    host: Host
    repository: Repository
    cluster: Cluster
    """Of that server."""

    @property
    def _where(self) -> str:
        return f"in vault {self.repository.vault.name} (epoch {self.repository.epoch})"

    @property
    def _config(self) -> HostFile:
        one = self.repository
        path = f"{FOLDER}/{one.vault.name}-{digits(one.epoch)}.conf"
        # The lock is that of its backups: they and this keep each other out.
        text = pgbackrest([one], self.cluster, lock=one.vault.name)
        return HostFile(path, text.encode(), mode=0o640, owner="root:postgres")

    async def configure(self) -> None:
        await folder(self.host, FOLDER, owner="root:postgres", mode=0o750)
        await put_changed(self.host, [self._config])

    async def let_go(self, labels: Sequence[str], keys: VaultAccess | None = None) -> None:
        """None of these backups is there on return, nor those that depend on them. Once more, and
        it goes on. keys: another's than the server's own."""
        for label in labels:
            await self.expire(f"--set={label}", doing=f"Expiring backup {label}", keys=keys)

    async def expire(self, *options: str, doing: str, keys: VaultAccess | None = None) -> None:
        """`keys` are in the program's memory alone: what is killed leaves none on the server."""
        pair = f"{keys.access_key}\n{keys.secret_key}\n" if keys else ""
        await act(
            self.host,
            self.argv(*options, _NO_HISTORY, "expire", before=_WITH_KEYS if keys else ()),
            stdin=pair.encode(),
            doing=f"{doing} {self._where}",
            deadline=EXPIRE_SECONDS,
            failure=ExpireFailed,
            safe="No recovery point names it any more; backups that stay are whole.",
            do="See what pgBackRest says: a backup may be under way, or this vault's key may not "
            "delete, by an object lock perhaps. Then run the same command again.",
        )

    async def information(self) -> Mapping[str, Any]:
        """pgBackRest's own account of it. What it could not read it tells with an exit code of 0,
        and with the content as it is, which is no valid JSON: raises ExpireFailed."""
        answer = await act(
            self.host,
            self.argv("--output=json", "info"),
            doing=f"Asking for backups {self._where}",
            deadline=90,
            failure=ExpireFailed,
        )
        stanzas: list[dict[str, Any]] = json.loads(answer, strict=False)
        status = stanzas[0]["status"]["code"] if stanzas else _NO_STANZA
        if status not in _READ:
            raise ExpireFailed(
                f"pgBackRest cannot read its own account {self._where}: status {status}",
                safe="Nothing was deleted by this.",
                do="See `liferaft plan failover` for what is damaged there.",
            )
        return stanzas[0]

    def argv(self, *words: str, before: Sequence[str] = ()) -> list[str]:
        """pgBackRest for this archive, with these words."""
        pgbackrest = ("pgbackrest", f"--config={self._config.path}", f"--stanza={STANZA}")
        return as_user("postgres", *before, *pgbackrest, *words)


def oldest_start(stanza: Mapping[str, Any]) -> str | None:
    """The first segment that any backup needs; None without a backup. Pure."""
    return min((str(one["archive"]["start"]) for one in stanza.get("backup", [])), default=None)
