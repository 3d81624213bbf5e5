"""Caddy's storage: certificates and keys, so that TLS is right from a new site's first request."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from liferaft.data.every_vault import InEveryVault, copies, vault_of
from liferaft.data.failures import NotAsSealed, NotVerified, RestoreFailed, SnapshotFailed
from liferaft.data.in_vaults import part_in
from liferaft.data.rclone import Rclone, Sealed, ca_files
from liferaft.data.sealed_objects import (
    BROKEN,
    READINGS,
    STORED,
    compare_folder,
    is_damage,
    key_of,
    read_sealed,
    stored_sums,
)
from liferaft.failures import Own
from liferaft.recovery.part import Part
from liferaft.remote.acts import act, failed, last_words
from liferaft.remote.contract import Host
from liferaft.remote.files import folder
from liferaft.remote.markers import is_marked, mark

AREA: Final = "certificates"
"""The folder of certificates below an epoch's in a vault."""
_DEADLINE: Final = 300.0
_SAFE: Final = Own("Caddy goes on with its own files.")
_OURS: Final = ("--exclude=/locks/**",)
_PAIRS_THAT_DIFFER: Final = r"""
openssl version >/dev/null 2>&1 || exit 0
find "$1" -name '*.crt' -not -path "$1/locks/*" | while read -r crt; do
    key=${crt%.crt}.key
    of_crt=$(openssl x509 -noout -pubkey -in "$crt" 2>/dev/null) || continue
    of_key=$(openssl pkey -pubout -in "$key" 2>/dev/null) || continue
    if [ "$of_crt" != "$of_key" ]; then
        rm -f "$crt" "$key"
        printf '%s\n' "${crt##*/}"
    fi
done
"""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Certificates:
    """The folder that Caddy's `storage file_system` names; the same path at every site."""

    sealed: Sealed
    folder: str = "/var/lib/caddy/.local/share/caddy"
    owner: str = "caddy:caddy"
    name: str = "certificates"
    needs_all: bool = False
    """Whether a restore fails where some are of no use: there is another vault to bring them
    from."""

    @property
    def kind(self) -> str:
        return "certificates"

    async def snapshot(self, host: Host, *, epoch: int, marker: str) -> Part:
        """Copies all of it, a few kilobytes, so that what is damaged there is replaced; this is
        told. Nothing is deleted in the vault."""
        rclone = await self._configure(host, epoch)
        vault = self.sealed.path(AREA, epoch)
        before = await compare_folder(rclone, self.folder, vault, *_OURS)
        for name in (name for name, sign in before.items() if sign == BROKEN):
            key = await key_of(rclone, self.sealed, AREA, epoch, name)
            _log.warning(
                "Certificate file %s in vault %s is damaged (%s): it is brought there again.",
                *(name, self.sealed.vault.name, key),
            )
        await rclone.run(
            *("copy", "--ignore-times", *_OURS, self.folder, vault),
            doing=f"Copying certificates into vault {self.sealed.vault.name}",
            deadline=_DEADLINE,
            failure=SnapshotFailed,
            safe=_SAFE,
        )
        size = await rclone.size(
            vault, doing=f"Measuring certificates in vault {self.sealed.vault.name}"
        )
        if size.count < len(before):
            raise SnapshotFailed(
                f"Vault {self.sealed.vault.name} holds {size.count} of {len(before)} files of the "
                "certificates, though it took them.",
                safe=_SAFE,
                do="Look at that store: it does not keep what it is given.",
            )
        return Part(
            kind=self.kind,
            name=self.name,
            epoch=epoch,
            taken_at=datetime.now(UTC).isoformat(),
            size=size.size,
            facts={
                "count": size.count,
                "marker": marker,
                STORED: await stored_sums(
                    *(rclone, self.sealed, self.sealed.folder(AREA, epoch)),
                    doing=f"Reading certificates in vault {self.sealed.vault.name}",
                ),
            },
        )

    async def restore(self, host: Host, part: Part, *, marker: str) -> Mapping[str, Any]:
        """Before Caddy starts: files are Caddy's own and nobody else can read them. What is damaged
        in the vault is left out, and so is a certificate of another key than the one beside it:
        Caddy would not start with it. Both are told: Caddy has it issued anew."""
        if await self.is_restored(host, marker=marker):
            return self.summary(part)
        rclone = await self._configure(host, part.epoch)
        await folder(host, self.folder, owner=self.owner, mode=0o700)
        await self._copy(host, rclone, part)
        await self._leave_out_what_differs(host)
        script = 'chmod -R u=rwX,go= "$1" && chown -R "$2" "$1"'
        await act(
            host,
            ["bash", "-c", script, "-", self.folder, self.owner],
            doing="Giving the certificates to Caddy",
            failure=RestoreFailed,
        )
        await mark(host, self._marker, marker)
        return self.summary(part)

    async def _copy(self, host: Host, rclone: Rclone, part: Part) -> None:
        argv = rclone.argv("copy", "--retries=1", self.sealed.path(AREA, part.epoch), self.folder)
        completed = await read_sealed(host, argv, deadline=_DEADLINE, readings=READINGS)
        said = last_words(completed)
        if completed.exit_code and not is_damage(said):
            raise failed(
                argv,
                completed,
                doing=f"Restoring certificates from vault {self.sealed.vault.name}",
                failure=RestoreFailed,
                safe="The vault is untouched.",
                do="Run the same command again once the vault answers.",
            )
        if completed.exit_code and self.needs_all:
            raise NotAsSealed(
                f"Certificates in vault {self.sealed.vault.name} are damaged, below "
                f"{self.sealed.folder(AREA, part.epoch)}.",
                safe="The vault is untouched.",
                details={"said": said},
            )
        if completed.exit_code:
            _log.warning(
                "Certificates in vault %s are damaged, below %s: what lacks is issued anew. %s",
                *(self.sealed.vault.name, self.sealed.folder(AREA, part.epoch), said),
            )

    async def _leave_out_what_differs(self, host: Host) -> None:
        """A server that died between the two files of a renewal has kept such a pair."""
        argv = ["bash", "-c", _PAIRS_THAT_DIFFER, "-", self.folder]
        doing = "Comparing certificates with their keys"
        said = await act(host, argv, doing=doing, failure=RestoreFailed)
        for name in said.splitlines():
            happened = f"{name} in vault {self.sealed.vault.name} does not fit the key beside it"
            if self.needs_all:
                raise NotAsSealed(f"{happened}.", safe="The vault is untouched.")
            _log.warning("%s: it is left out, and issued anew.", happened)

    async def is_restored(self, host: Host, *, marker: str) -> bool:
        return await is_marked(host, self._marker, marker)

    def summary(self, part: Part) -> Mapping[str, Any]:
        return {"files": part.facts["count"]}

    async def verify(self, host: Host, part: Part) -> None:
        """All files are readable by Caddy alone. Fewer than the manifest says are told and no
        reason to stop: what lacks is issued anew."""
        files = 'find "$1" -type f -not -path "$1/locks/*"'
        script = f'{files} | wc -l && {files} -perm 0600 -user "$2" | wc -l'
        user = self.owner.partition(":")[0]
        answer = await act(
            host, ["bash", "-c", script, "-", self.folder, user], doing="Counting certificates"
        )
        there, private = map(int, answer.split())
        if private < there:
            raise NotVerified(
                f"Of {there} files in Caddy's storage {private} are its own and nobody else's.",
                do="Run the same command again.",
            )
        if there < part.facts["count"]:
            _log.warning(
                "Of %d files of the certificates %d came back: what lacks is issued anew.",
                *(part.facts["count"], there),
            )

    async def _configure(self, host: Host, epoch: int) -> Rclone:
        rclone = Rclone(host, f"certificates{self.sealed.apart}", ca_files(self.sealed.vault))
        await rclone.configure(self.sealed.config(AREA, epoch))
        return rclone

    @property
    def _marker(self) -> str:
        return "certificates.restored"


class CertificatesInVaults(InEveryVault[Certificates]):
    """In every vault. What no vault has whole is left out in the end: Caddy has it issued anew."""

    async def restore(self, host: Host, part: Part, *, marker: str) -> Mapping[str, Any]:
        having = copies(self.sets, part)
        if len(having) == 1:
            return await super().restore(host, part, marker=marker)
        strict = InEveryVault(tuple(replace(one, needs_all=True) for one in self.sets))
        try:
            return await strict.restore(host, part, marker=marker)
        except NotAsSealed as damage:
            _log.warning("%s", damage)
            for one in having:
                try:
                    return await one.restore(host, part_in(part, vault_of(one)), marker=marker)
                except RestoreFailed:
                    continue
            raise
