"""The passphrase secrets provider of Pulumi: PBKDF2-HMAC-SHA-256, then AES-256-GCM.

Its state is `v1:SALT:v1:NONCE:SEALED`, the last three parts being the word `pulumi` sealed, by
which a wrong passphrase is told. Sealed texts are `v1:NONCE:SEALED`; all parts are base64.
"""

import asyncio
import base64
import hashlib
import os
import re
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from liferaft.provision.engine.faults import StateUnreadable, WrongPassphrase

ROUNDS: Final = 1_000_000
_CHECK: Final = "pulumi"
_STATE: Final = re.compile(r"v1:[^:]+:v1:[^:]+:[^:]+")


class Passphrase:
    """Seals and opens texts. The key takes about a second, so it is derived on `unlock`, in a
    thread, at most once; `seal`, `open` and `state` need it to have been awaited."""

    def __init__(self, phrase: str, state: str = "") -> None:
        """`state` is that of the stack; empty for a new stack, which then gets a new salt.

        Raises `WrongPassphrase` when the phrase is empty, `StateUnreadable` for another format.
        """
        if not phrase:
            raise WrongPassphrase(
                "No passphrase was given.",
                safe="Nothing was touched.",
                do="Give the passphrase that this stack's state was sealed with.",
            )
        if state and not _STATE.fullmatch(state):
            raise StateUnreadable("The state's secrets provider is of an unknown version.")
        self._phrase = phrase
        self._state = state
        self._cipher: AESGCM | None = None
        self._unlocking: asyncio.Task[AESGCM] | None = None

    async def unlock(self) -> None:
        """Derive the key. Raises `WrongPassphrase` when it does not open the state."""
        if self._cipher is not None:
            return
        if self._unlocking is None:
            self._unlocking = asyncio.create_task(asyncio.to_thread(self._derived))
        self._cipher = await asyncio.shield(self._unlocking)

    def _derived(self) -> AESGCM:
        salt = base64.b64decode(self._state.split(":")[1]) if self._state else os.urandom(8)
        key = hashlib.pbkdf2_hmac("sha256", self._phrase.encode(), salt, ROUNDS, 32)
        cipher = AESGCM(key)
        if not self._state:
            self._state = f"v1:{base64.b64encode(salt).decode()}:{_seal(cipher, _CHECK)}"
            return cipher
        try:
            _open(cipher, self._state.split(":", 2)[2])
        except InvalidTag:
            raise WrongPassphrase(
                "The passphrase does not open this stack's state.",
                safe="Nothing was touched.",
                do="Give the passphrase that this state was sealed with.",
            ) from None
        return cipher

    @property
    def state(self) -> str:
        assert self._cipher is not None, "unlock first"
        return self._state

    def seal(self, text: str) -> str:
        assert self._cipher is not None, "unlock first"
        return _seal(self._cipher, text)

    def open(self, sealed: str) -> str:
        """The text; raises `StateUnreadable` when it was sealed with another key or was cut."""
        assert self._cipher is not None, "unlock first"
        try:
            return _open(self._cipher, sealed)
        except (InvalidTag, ValueError):
            raise StateUnreadable("A secret in the state was sealed with another key.") from None


def _seal(cipher: AESGCM, text: str) -> str:
    nonce = os.urandom(12)
    sealed = cipher.encrypt(nonce, text.encode(), None)
    return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"


def _open(cipher: AESGCM, sealed: str) -> str:
    _, nonce, body = sealed.split(":")
    return cipher.decrypt(base64.b64decode(nonce), base64.b64decode(body), None).decode()
