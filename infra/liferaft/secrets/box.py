"""age: what is sealed here, any one of its recipients can open."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyrage

from liferaft import texts
from liferaft.failures import BadInput

_OTHERS = 0o077


class CannotOpen(BadInput):
    """The identity does not open what was sealed."""


def seal(document: Mapping[str, Any], recipients: Sequence[str]) -> bytes:
    """The JSON document, encrypted for every recipient (age public keys).

    Sealing twice gives different bytes. Raises BadInput for a recipient that is not a key.
    """
    if not recipients:
        raise BadInput("There is nobody to seal secrets for", do="Name recipients in [operators].")
    try:
        keys = [pyrage.x25519.Recipient.from_str(recipient) for recipient in recipients]
    except pyrage.RecipientError as error:
        raise BadInput(f"A recipient is not an age public key: {error}") from error
    return bytes(pyrage.encrypt(json.dumps(document).encode(), keys))


def unseal(sealed: bytes, identity_file: Path) -> dict[str, Any]:
    """The document, opened with the first identity of the file that fits.

    Raises CannotOpen if none does, BadInput if the file is no identity or others may read it.
    """
    identities = _identities(identity_file)
    try:
        opened: dict[str, Any] = json.loads(pyrage.decrypt(sealed, identities))
    except pyrage.DecryptError as error:
        raise CannotOpen(
            f"The identity in {identity_file} does not open the app's secrets: {error}",
            safe="Nothing was changed.",
            do="Use the identity of one of the recipients in [operators].",
        ) from error
    return opened


def openers(sealed: bytes) -> int:
    """How many recipients can open it, by the header: whose they are it does not say.
    https://github.com/C2SP/C2SP/blob/main/age.md"""
    header, _, _ = sealed.partition(b"\n--- ")
    return sum(line.startswith(b"-> X25519 ") for line in header.splitlines())


def require_identity(path: Path) -> None:
    """Raise BadInput unless the file holds an identity that only its owner can read."""
    _identities(path)


def _identities(path: Path) -> list[pyrage.x25519.Identity]:
    try:
        mode = path.stat().st_mode
        rows = texts.read_text(path).splitlines()
    except (OSError, ValueError, texts.Unreadable) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(
            f"The identity file {path} cannot be read: {reason}",
            safe="Nothing was changed.",
            do="Set LIFERAFT_IDENTITY_FILE to the file with your age identity.",
        ) from error
    if mode & _OTHERS:
        raise BadInput(
            f"Others may read the identity file {path} (mode {mode & 0o777:o})",
            do=f"chmod 600 {path}",
        )
    keys = [row for line in rows if (row := line.strip()) and not row.startswith("#")]
    try:
        identities = [pyrage.x25519.Identity.from_str(key) for key in keys]
    except pyrage.IdentityError:
        # Its message may quote the key.
        raise BadInput(f"{path} is not an age identity file") from None
    if not identities:
        raise BadInput(f"{path} holds no age identity")
    return identities
