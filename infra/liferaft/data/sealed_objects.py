"""Whether what a server sealed into a vault is still there as it was sealed.

A listing says that an object has a name and a size. What it holds is known by reading it: through
the seal, which notices every changed byte, or as it lies there, against the digest that was noted
when it was brought.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from liferaft.data.failures import SnapshotFailed
from liferaft.data.rclone import ONLY_READ, Rclone, Sealed
from liferaft.remote.acts import HostActFailed, failed, last_words
from liferaft.remote.contract import Completed, Host

STORED: Final = "stored"
"""Fact of a part: what `stored_sums` said once all of it was in the vault."""
_NOT_AS_SEALED: Final = (
    "failed to authenticate decrypted block",
    "not an encrypted file",
    "file is too short to be encrypted",
    "file has truncated block header",
    "unexpected EOF",
)
"""What rclone crypt says of content that it did not write; the last one of an object's last block,
which is a small object's only one. An answer that breaks off says so too, but not each time:
https://github.com/rclone/rclone/blob/v1.60.1/backend/crypt/cipher.go"""
READINGS: Final = 3
"""So often small objects are read before what rclone says of their content is believed."""
READINGS_OF_LARGE: Final = 2
"""So often objects of any size are."""
NOT_THERE: Final = ("3", "4")
"""How rclone ends where there is no such folder or file: https://rclone.org/docs/#exit-code"""
_READING_SECONDS: Final = 1800.0


_HEAD, _BLOCK, _SEAL = 32, 64 * 1024, 16
"""Bytes that rclone crypt begins an object with, seals at one time, and seals them with."""


def sealed_size(size: int) -> int:
    """Bytes of an object in the vault, from those that it holds. Pure."""
    blocks = -(-size // _BLOCK)
    return _HEAD + size + blocks * _SEAL


def is_damage(said: str) -> bool:
    """Whether rclone's last words are about an object's content, and not about the way to it."""
    return any(words in said for words in _NOT_AS_SEALED)


async def read_sealed(
    host: Host, argv: Sequence[str], *, deadline: float, readings: int
) -> Completed:
    """rclone's end, which brings or reads sealed objects, as `believed` tells it."""
    return await believed(lambda: host.run(argv, deadline=deadline, check=False), readings=readings)


async def believed(read: Callable[[], Awaitable[Completed]], *, readings: int) -> Completed:
    """The end of what reads sealed objects by rclone. It is begun again where it says that they
    are damaged: an answer that a network broke off looks just like that, once."""
    while True:
        completed = await read()
        readings -= 1
        if completed.exit_code == 0 or not readings or not is_damage(last_words(completed)):
            return completed


async def digest_of(rclone: Rclone, path: str, *, doing: str) -> str | None:
    """SHA-256 of what one sealed object holds, read whole; None when it does not hold what was
    sealed. Raises SnapshotFailed when it cannot be read."""
    argv = rclone.argv("hashsum", "sha256", "--download", "--retries=1", path)
    completed = await read_sealed(
        rclone.host, argv, deadline=_READING_SECONDS, readings=READINGS_OF_LARGE
    )
    said = last_words(completed)
    if completed.exit_code == 0:
        return completed.text.partition(" ")[0]
    if is_damage(said):
        return None
    raise failed(
        argv,
        completed,
        doing=doing,
        failure=SnapshotFailed,
        safe="Nothing was written.",
        do="Run the same command again once the vault answers.",
    )


BROKEN: Final = "!"
"""What `compare_folder` says of a file whose sealed copy does not hold what was sealed."""


async def compare_folder(rclone: Rclone, folder: str, path: str, *flags: str) -> Mapping[str, str]:
    """By name, how a file of the folder compares with its sealed copy below `path`: as `rclone
    check` says it. Nothing where the vault could not be asked."""
    argv = rclone.argv("check", "--download", "--one-way", "--retries=1", *flags, "--combined=-")
    completed = await rclone.host.run([*argv, folder, path], deadline=_READING_SECONDS, check=False)
    rows = (row.partition(" ") for row in completed.text.splitlines())
    return {name: sign for sign, _, name in rows if sign in {"=", "+", "-", "*", BROKEN}}


async def key_of(rclone: Rclone, sealed: Sealed, area: str, epoch: int, name: str) -> str:
    """The object's key in the vault, below the app's prefix. Asks nobody."""
    answer = await rclone.run(
        *("cryptdecode", "--reverse", sealed.path(area, epoch), name),
        doing=f"Sealing the name {name}",
        deadline=30,
        safe=ONLY_READ,
    )
    _, _, hidden = answer.partition("\t")
    return f"{sealed.folder(area, epoch)}/{hidden.strip()}"


async def stored_sums(rclone: Rclone, sealed: Sealed, key: str, *, doing: str) -> Mapping[str, str]:
    """Key → SHA-256 of objects as they lie in the vault: of one, or of all below a folder. Whoever
    has no seal can compare them, too."""
    answer = await rclone.run(
        *("hashsum", "sha256", "--download", sealed.raw_path(key)),
        doing=doing,
        deadline=_READING_SECONDS,
        failure=HostActFailed,
        safe=ONLY_READ,
    )
    rows = (line.partition("  ") for line in answer.splitlines())
    found = {name.strip(): digest for digest, _, name in rows if name}
    alone = key.rpartition("/")[2]
    return {key if name == alone else f"{key}/{name}": digest for name, digest in found.items()}
