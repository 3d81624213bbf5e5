"""The operators' SSH key."""

import base64
import hashlib
from collections.abc import Sequence

from hcloud.ssh_keys import BoundSSHKey, SSHKey

from liferaft.clouds.contract import Owned, Owner, no_update
from liferaft.clouds.hetzner.access import HetznerAccess, by_app, by_token, check_ours, owned
from liferaft.clouds.kinds import SshKeyFacts, SshKeySpec

_SHARED = "-shared"


class HetznerSshKey:
    """Implements Resource[SshKeySpec, SshKeyFacts].

    A key is unique in a project: one that is there already is used, whoever put it there (the
    operators, another site of the app, the making of its machine image), and left there by
    `delete`; its id says so. Should its owner take it away, servers go on, and a refresh notices.
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
            return keys.get_by_fingerprint(_fingerprint(spec.public_key))

        def make() -> BoundSSHKey:
            return keys.create(
                name=owner.name(spec.name),
                public_key=spec.public_key,
                labels=owner.labels(spec),
            )

        row = self._plane.create_once(f"importing SSH key {owner.name(spec.name)}", find, make)
        ident = str(row.id) if owner.has_made(row.labels or {}, spec) else f"{row.id}{_SHARED}"
        return self._plane.wait_until_listed(f"SSH key {row.id}", lambda: self.read(ident))

    def read(self, ident: str) -> SshKeyFacts | None:
        return None if self._row(ident) is None else SshKeyFacts(ident)

    def update(self, ident: str, spec: SshKeySpec) -> SshKeyFacts:
        raise no_update("hetzner", "ssh_key")

    def delete(self, ident: str) -> None:
        if ident.endswith(_SHARED):
            return
        self._plane.remove(
            f"deleting SSH key {ident}",
            lambda: self._access.client.ssh_keys.delete(SSHKey(id=number(ident))),
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
            lambda: self._access.client.ssh_keys.get_by_id(number(ident)),
        )


def number(ident: str) -> int:
    """What Hetzner calls the key."""
    return int(ident.removesuffix(_SHARED))


def _fingerprint(public_key: str) -> str:
    """Hetzner names keys by MD5 of the key's blob, in pairs of hex digits."""
    blob = base64.b64decode(public_key.split()[1])
    return hashlib.md5(blob, usedforsecurity=False).digest().hex(":")
