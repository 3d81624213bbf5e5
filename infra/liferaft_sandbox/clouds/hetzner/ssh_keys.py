"""https://docs.hetzner.cloud/reference/cloud#ssh-keys"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

from liferaft_sandbox.clouds.hetzner.collection import Collection, Reply
from liferaft_sandbox.clouds.hetzner.errors import invalid_field, not_unique
from liferaft_sandbox.clouds.hetzner.schema import checked, labels, optional, required, text
from liferaft_sandbox.clouds.hetzner.state import SshKey, refuse_used_name

_CREATE = {
    "name": required(text()),
    "public_key": required(text(longest=16384)),
    "labels": optional(labels),
}


class SshKeys(Collection[SshKey]):
    singular, plural = "ssh_key", "ssh_keys"

    def create(self, body: object) -> Reply:
        wanted = checked(body, _CREATE)
        fingerprint = _fingerprint(wanted["public_key"])
        refuse_used_name(self.resources, wanted["name"], "SSH key")
        if any(key.fingerprint == fingerprint for key in self.resources.values()):
            raise not_unique("fingerprint", "SSH key")
        key = SshKey(id=self.state.next_id(), fingerprint=fingerprint, **wanted)
        self.resources[key.id] = key
        return Reply(201, {"ssh_key": self.show(key)})

    def show(self, resource: SshKey) -> dict[str, Any]:
        return {
            **self.common(resource),
            "fingerprint": resource.fingerprint,
            "public_key": resource.public_key,
        }

    def delete(self, resource: SshKey) -> Reply:
        del self.resources[resource.id]
        return Reply(204, None)


def _fingerprint(public_key: str) -> str:
    """MD5 in colons, as the API shows it; invalid_input for what is no OpenSSH public key."""
    parts = public_key.split()
    try:
        blob = base64.b64decode(parts[1], validate=True)
        length = int.from_bytes(blob[:4], "big")
        valid = blob[4 : 4 + length].decode() == parts[0]
    except (IndexError, binascii.Error, UnicodeDecodeError):
        valid, blob = False, b""
    if not valid:
        raise invalid_field("public_key", "SSH key not valid")
    return hashlib.md5(blob, usedforsecurity=False).digest().hex(":")
