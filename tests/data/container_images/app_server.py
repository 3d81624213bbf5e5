"""A server with images, as far as their steps ask it."""

import re
import shlex
from collections.abc import Sequence

from liferaft.remote.contract import Completed

HASHES, SEALS = "hashlib", " sealing:"
"""In what asks a server for the digest of an archive of its own, and in what brings one."""


class AppServer:
    """A server that keeps its markers; its other programs succeed, and its vault has it all, but
    what is `damaged` there: a digest."""

    def __init__(self) -> None:
        self.markers: dict[str, bytes] = {}
        self.damaged = ""
        self.brought: list[str] = []

    async def run(
        self, command: Sequence[str] | str, *, stdin: bytes = b"", **_: object
    ) -> Completed:
        said = command if isinstance(command, str) else shlex.join(command)
        marker = re.search(r"image-[^ '\"]*\.(loaded|sealed)", said)
        if SEALS in said and marker is not None:
            self.markers[marker[0]] = b"?"
        if marker is None or SEALS in said:
            return self._rclone(said)
        if stdin:
            self.markers[marker[0]] = stdin
        known = self.markers.get(marker[0])
        return Completed(1 if known is None else 0, known or b"", b"")

    def _rclone(self, said: str) -> Completed:
        named = re.search(r"([0-9a-f]{64})\.oci\.tar", said)
        digest = named[1] if named else "!" if self.damaged else "?"
        if SEALS in said:
            self.brought.append(digest)
            self.damaged = ""
            return Completed(0, b"?\nproven", b"")
        if HASHES in said:
            return Completed(0, f"{digest}\n".encode(), b"")
        if "hashsum" in said and digest == self.damaged:
            return Completed(1, b"", b"failed to authenticate decrypted block - bad password?")
        if "hashsum" in said:
            return Completed(0, f"{digest}  name\n".encode(), b"")
        return Completed(0, b'[{"Size": 7}]' if "lsjson" in said else b"", b"")

    async def put(self, *_: object, **__: object) -> None:
        """It lies there."""
