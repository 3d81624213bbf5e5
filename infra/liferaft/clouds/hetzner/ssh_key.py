"""The operators' SSH key."""

import base64
import hashlib
from collections.abc import Sequence

from hcloud.ssh_keys import BoundSSHKey, SSHKey

from liferaft.clouds.contract import APP, Owned, Owner, no_update
from liferaft.clouds.hetzner.access import HetznerAccess, by_app, by_token, check_ours, owned
from liferaft.clouds.kinds import SshKeyFacts, SshKeySpec


class HetznerSshKey:
    """Implements Resource[SshKeySpec, SshKeyFacts].

    A key is unique in a project: one that the operators put there themselves is used, and left
    there by `delete`.
    """

    def __init__(self, access: HetznerAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: SshKeySpec, owner: Owner) -> SshKeyFacts:
        keys = self._access.client.ssh_keys

        def find() -> BoundSSHKey | None:
            rows = keys.get_all(label_selector=by_token(owner))
            if rows:
                check_ours(rows[0], spec, owner)
                return rows[0]
            same = keys.get_by_fingerprint(_fingerprint(spec.public_key))
            return same if same is not None and APP not in (same.labels or {}) else None

        def make() -> BoundSSHKey:
            return keys.create(
                name=owner.name(spec.name),
                public_key=spec.public_key,
                labels=owner.labels(spec),
            )

        row = self._plane.create_once(f"importing SSH key {owner.name(spec.name)}", find, make)
        return self._plane.wait_until_listed(f"SSH key {row.id}", lambda: self.read(str(row.id)))

    def read(self, ident: str) -> SshKeyFacts | None:
        return None if self._row(ident) is None else SshKeyFacts(ident)

    def update(self, ident: str, spec: SshKeySpec) -> SshKeyFacts:
        raise no_update("hetzner", "ssh_key")

    def delete(self, ident: str) -> None:
        row = self._row(ident)
        if row is None or APP not in (row.labels or {}):
            return
        self._plane.remove(
            f"deleting SSH key {ident}",
            lambda: self._access.client.ssh_keys.delete(SSHKey(id=int(ident))),
        )

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask(
            "listing SSH keys",
            lambda: self._access.client.ssh_keys.get_all(label_selector=by_app(app, site)),
        )
        return [owned(row) for row in rows]

    def _row(self, ident: str) -> BoundSSHKey | None:
        return self._plane.look_up(
            f"reading SSH key {ident}",
            lambda: self._access.client.ssh_keys.get_by_id(int(ident)),
        )


def _fingerprint(public_key: str) -> str:
    """Hetzner names keys by MD5 of the key's blob, in pairs of hex digits."""
    blob = base64.b64decode(public_key.split()[1])
    return hashlib.md5(blob, usedforsecurity=False).digest().hex(":")
