"""A blueprint: what describes the application, so that a laptop with nothing but keys can go on.

liferaft.toml, the Compose file, the holding page, the Pulumi program and the authorities that the
configuration names. It lies in every vault, sealed for the app's operators. The program in it runs
with an operator's credentials: so that nobody who can merely write into a vault can plant one, it
carries a code (HMAC-SHA256) of a key that is derived from the app's Pulumi passphrase, which no
server is ever given.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

from liferaft.failures import Refused
from liferaft.secrets import AppSecrets, read_secrets, seal, unseal
from liferaft.vault import Damaged, KeyMissing, Vault
from liferaft.vault.layout import EpochKeys

VERSION: Final = 1
_NOT_OURS: Final = "Nothing was written here. The vault was not changed."


class NoBlueprint(Refused):
    """No reign of the application has one."""


@dataclass(frozen=True)
class Blueprint:
    """Files by their path below one folder, with `/`.

    Attributes:
        files: what is in each.
        configuration: the path of liferaft.toml among them.
        variables: by environment variable that names an authority's file: its path among them.
        left_out: what was not taken, and why; a sentence each.
    """

    files: Mapping[str, bytes] = field(repr=False)
    configuration: str
    variables: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Hex SHA-256: the same for the same files."""
        return hashlib.sha256(json.dumps(self._content()).encode()).hexdigest()

    def _content(self) -> dict[str, Any]:
        files = {path: base64.b64encode(self.files[path]).decode() for path in sorted(self.files)}
        return {
            "configuration": self.configuration,
            "files": files,
            "variables": dict(sorted(self.variables.items())),
            "left_out": list(self.left_out),
        }

    def to_document(self, passphrase: SecretStr, at: str) -> dict[str, Any]:
        """To be sealed. at: when it was kept, UTC, ISO 8601."""
        content = json.dumps({"version": VERSION, "at": at, **self._content()})
        return {"content": content, "code": _code(content, passphrase)}


@dataclass(frozen=True)
class KeptBlueprint:
    """A blueprint as a vault has it. at: when it was kept, UTC, ISO 8601."""

    blueprint: Blueprint
    epoch: int
    at: str


def keep(
    vault: Vault,
    epoch: int,
    blueprint: Blueprint,
    *,
    secrets: AppSecrets,
    recipients: Sequence[str],
    at: str,
) -> None:
    """In place of what the epoch had. Durable on return. Blocks."""
    document = blueprint.to_document(secrets.pulumi_passphrase, at)
    vault.put(EpochKeys(epoch).blueprint, seal(document, recipients))


def seal_anew(vault: Vault, epoch: int, identity_file: Path, recipients: Sequence[str]) -> None:
    """The blueprint of an epoch, if it has one that is whole, for other operators. Blocks."""
    try:
        sealed = vault.get(EpochKeys(epoch).blueprint)
    except (KeyMissing, Damaged):
        return
    vault.put(EpochKeys(epoch).blueprint, seal(unseal(sealed, identity_file), recipients))


def of_epoch(
    vault: Vault, epoch: int, identity_file: Path, secrets: AppSecrets
) -> KeptBlueprint | None:
    """The blueprint of one epoch; None if it has none. Blocks.

    Raises Damaged, Refused for one whose code is wrong or that a newer version wrote, and what
    `unseal` raises.
    """
    try:
        sealed = vault.get(EpochKeys(epoch).blueprint)
    except KeyMissing:
        return None
    return _opened(unseal(sealed, identity_file), epoch, secrets.pulumi_passphrase)


def newest(vault: Vault, epoch: int, identity_file: Path) -> KeptBlueprint:
    """The blueprint of this epoch or, if it has none that is whole, of the last that has. Blocks.

    Raises NoBlueprint, and as `of_epoch`.
    """
    for number in range(epoch, 0, -1):
        try:
            secrets = read_secrets(vault, number, identity_file)
            found = of_epoch(vault, number, identity_file, secrets)
        except (KeyMissing, Damaged):
            continue
        if found is not None:
            return found
    raise NoBlueprint(
        f"Vault {vault.name} holds no blueprint of the application",
        safe=_NOT_OURS,
        do="liferaft.toml, the Compose file and the program have to come from elsewhere: each "
        "`liferaft deploy` and `liferaft snapshot` of today's version keeps them.",
    )


def _opened(document: Mapping[str, Any], epoch: int, passphrase: SecretStr) -> KeptBlueprint:
    content, code = str(document.get("content", "")), str(document.get("code", ""))
    if not hmac.compare_digest(code, _code(content, passphrase)):
        raise Refused(
            f"The blueprint of epoch {epoch} was not kept by an operator of this application: its "
            "code is wrong",
            safe=f"{_NOT_OURS} Nothing of it was run.",
            do="Somebody wrote into the vault. Take the files from elsewhere, and read "
            "docs/vaults.md on a stolen key.",
        )
    read = json.loads(content)
    if read["version"] != VERSION:
        raise Refused(
            f"The blueprint of epoch {epoch} was kept by another version of liferaft "
            f"(form {read['version']})",
            safe=_NOT_OURS,
            do="Use the version that kept it, or a newer one.",
        )
    files = {_inside(path): base64.b64decode(body) for path, body in read["files"].items()}
    variables, left = dict(read["variables"]), tuple(read["left_out"])
    return KeptBlueprint(
        Blueprint(files, read["configuration"], variables, left), epoch, read["at"]
    )


def _inside(path: str) -> str:
    """Raises Refused for a path that leads out of the folder."""
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or not parts.parts:
        raise Refused(f"The blueprint names a file outside of its folder: {path!r}", safe=_NOT_OURS)
    return path


def _code(content: str, passphrase: SecretStr) -> str:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"liferaft blueprint")
    key = derived.derive(passphrase.get_secret_value().encode())
    return hmac.new(key, content.encode(), hashlib.sha256).hexdigest()
