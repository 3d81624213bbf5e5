"""What a vault holds of a backup and its archive, looked at from where no pgBackRest is.

pgBackRest's notes are ini files that hold a SHA-1 of themselves, sealed as `openssl enc` does it.
Each lies there twice, NAME and NAME.copy; where one is damaged, pgBackRest reads the other.
What the notes speak of is known by its size alone: a restore reads it whole, and checks it.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from liferaft.data.postgres.layout import (
    AREA,
    STANZA,
    Cluster,
    archive_in_vault,
    backups_in_vault,
    segments_in_vault,
)
from liferaft.data.postgres.wal import Segment, archived
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint
from liferaft.vault import Damaged, KeyMissing, Newest, Seen, Vault, each_vault
from liferaft.vault.layout import EpochKeys

_MAGIC: Final = b"Salted__"
_SALT: Final = slice(8, 16)
_BLOCK: Final = 16
_SECTION: Final = re.compile(r"\[(.+)\]")
_FOLDER_DIGITS: Final = 16
"""The characters of a segment's name that name the folder in which it lies."""

Note = Mapping[str, Mapping[str, str]]
"""Section → key → value, which is JSON."""


class NotANote(ValueError):
    """It is not what pgBackRest wrote."""


@dataclass(frozen=True)
class BackupFindings:
    """What is wrong with one backup. `broken`: it cannot be restored. `spared`: it can all the
    same, since pgBackRest has a second one. `holes`: WAL after the backup that is not there, though
    later WAL is: a replay ends before it. `elsewhere`: what this vault lacks and another has, in
    sentences."""

    broken: tuple[Damaged, ...] = ()
    spared: tuple[Damaged, ...] = ()
    holes: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    def __add__(self, other: "BackupFindings") -> "BackupFindings":
        return BackupFindings(
            self.broken + other.broken,
            self.spared + other.spared,
            self.holes + other.holes,
            self.elsewhere + other.elsewhere,
        )


def newest_backup(vault: Vault, epoch: int) -> str | None:
    """The label of the newest backup that a vault has of an epoch, by names alone; None where it
    has none. Blocks."""
    end = "/backup.manifest"
    folder = backups_in_vault(epoch)
    found = (key.removeprefix(f"{folder}/") for key in vault.list(folder) if key.endswith(end))
    labels = [key.removesuffix(end) for key in found]
    return max(labels, key=lambda label: label.rpartition("_")[2], default=None)


def inspect_backup(vault: Vault, part: Part, passphrase: str) -> BackupFindings:
    """What is wrong with the notes of a part's backup, and with the names and sizes of what they
    speak of. Blocks."""
    repository, backups = EpochKeys(part.epoch).data(AREA), backups_in_vault(part.epoch)
    _, archive = _noted(vault, f"{repository}/archive/{STANZA}/archive.info", passphrase)
    info, found = _noted(vault, f"{backups}/backup.info", passphrase)
    label = part.facts.get("labels", {}).get(vault.name)
    if info is None or label is None:
        return archive + found
    inner = json.loads(info.get("cipher", {}).get("cipher-pass", "null"))
    return archive + found + _of_chain(vault, backups, label, inner or passphrase)


def _of_chain(vault: Vault, backups: str, label: str, key: str) -> BackupFindings:
    """Of a backup, and of those that it rests on: they have what did not change."""
    found, seen, asked = BackupFindings(), set[str](), [label]
    while asked:
        folder = f"{backups}/{(one := asked.pop())}"
        seen.add(one)
        manifest, noted = _noted(vault, f"{folder}/backup.manifest", key)
        found += noted
        if manifest is not None:
            found += BackupFindings(tuple(_lost(vault, folder, manifest)))
            asked += sorted(_references(manifest) - seen - set(asked))
    return found


def _references(manifest: Note) -> set[str]:
    """Labels of the backups that have some of its files."""
    files = (json.loads(value) for value in manifest.get("target:file", {}).values())
    return {file["reference"] for file in files if file.get("reference")}


def archive_of(
    vault: Vault, part: Part, *, beyond: bool, others: Sequence[Vault] = ()
) -> BackupFindings:
    """Which of the WAL that a part's backup needs is not there, by names and sizes. Blocks.

    beyond: of what was archived after it as well, up to the end of its timeline. others: vaults
    from which a restore takes what this one lacks.
    """
    told = part.facts.get("backups", {}).get(vault.name, part.facts)
    if "archive_start" not in told:
        return BackupFindings()
    folder = segments_in_vault(part.epoch, Cluster(part.facts["platform"]["postgresql"]))
    first, last = (Segment.parse(told[f"archive_{end}"]) for end in ("start", "stop"))
    seen = _listed(vault, folder, first, last, beyond=beyond)
    empty = [one for one in seen if one.size == 0]
    held = _segments(seen)
    newest = max((one.number for one in held if one.timeline == first.timeline), default=0)
    wanted = (Segment(first.timeline, n) for n in range(first.number, newest + 1))
    absent = [one for one in wanted if one not in held]
    absent += [Segment(first.timeline, n) for n in range(newest + 1, last.number + 1)]
    elsewhere: list[str] = []
    for other in others if absent else ():
        lent = _segments(_listed(other, folder, first, last, beyond=beyond)).intersection(absent)
        absent = [one for one in absent if one not in lent]
        if lent:
            elsewhere.append(
                f"Vault {vault.name} lacks WAL from {min(lent).name} on, {len(lent)} in all: "
                f"vault {other.name} has it."
            )
    return BackupFindings(
        elsewhere=tuple(elsewhere),
        broken=tuple(
            Damaged(vault.name, _place(folder, one), "the WAL that the backup needs is not there")
            for one in absent
            if first.number <= one.number <= last.number
        ),
        spared=tuple(Damaged(vault.name, one.key, "it is empty") for one in empty),
        holes=tuple(_place(folder, one) for one in absent if one.number > last.number),
    )


def _segments(seen: Iterable[Seen]) -> frozenset[Segment]:
    return archived(one.key.rpartition("/")[2] for one in seen if one.size)


def _listed(
    vault: Vault, folder: str, first: Segment, last: Segment, *, beyond: bool
) -> tuple[Seen, ...]:
    if beyond:
        return vault.look(folder, after=_place(folder, first))
    folders = dict.fromkeys(one.name[:_FOLDER_DIGITS] for one in _between(first, last))
    return tuple(one for name in folders for one in vault.look(f"{folder}/{name}"))


def _between(first: Segment, last: Segment) -> Iterator[Segment]:
    return (Segment(first.timeline, number) for number in range(first.number, last.number + 1))


def _place(folder: str, segment: Segment) -> str:
    return f"{folder}/{segment.name[:_FOLDER_DIGITS]}/{segment.name}"


def _noted(vault: Vault, key: str, passphrase: str) -> tuple[Note | None, BackupFindings]:
    """The note, from whichever of the two is whole."""
    notes: list[Note] = []
    damages: list[Damaged] = []
    for name in (key, f"{key}.copy"):
        try:
            notes.append(opened(vault.stored(name), passphrase))
        except KeyMissing:
            damages.append(Damaged(vault.name, name, "it is not there"))
        except NotANote as fault:
            damages.append(Damaged(vault.name, name, str(fault)))
    if notes:
        return notes[0], BackupFindings(spared=tuple(damages))
    return None, BackupFindings(broken=tuple(damages))


def opened(sealed: bytes, passphrase: str) -> Note:
    """Raises NotANote where it does not have the SHA-1 that it holds."""
    text = _unsealed(sealed, passphrase)
    note: dict[str, dict[str, str]] = {}
    rows: dict[str, str] = {}
    for line in text.splitlines():
        if section := _SECTION.fullmatch(line):
            rows = note.setdefault(section[1], {})
        elif line:
            key, _, value = line.partition("=")
            rows[key] = value
    said = note.get("backrest", {}).pop("backrest-checksum", "")
    if said != f'"{checksum(note)}"':
        raise NotANote("it does not have the checksum that it holds")
    return note


def checksum(note: Note) -> str:
    """As pgBackRest forms it: https://github.com/pgbackrest/pgbackrest/blob/main/src/info/info.c"""
    sections = (
        f'"{section}":{{{",".join(f"{json.dumps(k)}:{value}" for k, value in rows.items())}}}'
        for section, rows in note.items()
    )
    return hashlib.sha1(f"{{{','.join(sections)}}}".encode(), usedforsecurity=False).hexdigest()


def _unsealed(sealed: bytes, passphrase: str) -> str:
    if not sealed.startswith(_MAGIC) or len(sealed) % _BLOCK:
        raise NotANote("it is not sealed as pgBackRest seals")
    key, start = key_and_start(passphrase.encode(), sealed[_SALT])
    decryptor = Cipher(algorithms.AES(key), modes.CBC(start)).decryptor()
    padded = decryptor.update(sealed[_SALT.stop :]) + decryptor.finalize()
    unpadder = padding.PKCS7(8 * _BLOCK).unpadder()
    try:
        return (unpadder.update(padded) + unpadder.finalize()).decode()
    except ValueError as error:
        raise NotANote("it is not as it was sealed") from error


def key_and_start(passphrase: bytes, salt: bytes) -> tuple[bytes, bytes]:
    """OpenSSL's EVP_BytesToKey with SHA-1 and one round: 32 bytes of key, 16 to start from."""
    drawn, last = b"", b""
    while len(drawn) < 32 + _BLOCK:
        last = hashlib.sha1(last + passphrase + salt, usedforsecurity=False).digest()
        drawn += last
    return drawn[:32], drawn[32 : 32 + _BLOCK]


def _lost(vault: Vault, folder: str, manifest: Note) -> Iterator[Damaged]:
    """Objects that a backup's manifest speaks of and that are not there, or are too short."""
    there = {one.key.removeprefix(f"{folder}/"): one.size for one in vault.look(folder)}
    short = {name.rpartition(".")[0]: size for name, size in there.items()}
    for name, least in sorted(_least(manifest).items()):
        size = there.get(name, short.get(name))
        if size is None:
            yield Damaged(vault.name, f"{folder}/{name}", "it is not there")
        elif size < least:
            yield Damaged(vault.name, f"{folder}/{name}", f"it has {size} of {least} bytes")


def _least(manifest: Note) -> dict[str, int]:
    """Name → bytes at least, of everything that the backup put beside its manifest. Names of single
    files lack the ending that says how they are compressed."""
    found: dict[str, int] = {}
    for name, value in manifest.get("target:file", {}).items():
        file: dict[str, Any] = json.loads(value)
        size = file.get("repo-size", file.get("size", 0))
        if "reference" in file or not file.get("size", 0):
            continue  # another backup has it, or it is empty and made of nothing
        where = f"bundle/{file['bni']}" if "bni" in file else name
        found[where] = max(found.get(where, 0), file.get("bno", 0) + size)
    return found


def newest_segments(vault: Vault, epoch: int) -> Iterator[Newest]:
    """Of each vault. None of one that has none yet: all that lies there are pgBackRest's notes."""
    for one in each_vault(vault):
        newest = one.newest(archive_in_vault(epoch))
        if newest and not newest.key.rpartition("/")[2].startswith("archive.info"):
            yield newest


def segments_since(vault: Vault, point: RecoveryPoint, epoch: int) -> int:
    """From the end of the point's backup to the end of the archive; 0 where neither says it.

    Numbers of segments go on from reign to reign. A hole or damage is not seen here.
    """
    names = sorted(one.key.rpartition("/")[2] for one in newest_segments(vault, epoch))[-1:]
    ends = [part.facts["archive_stop"] for part in point.parts if "archive_stop" in part.facts]
    return sum(
        max(0, last.number - Segment.parse(end).number) for last in archived(names) for end in ends
    )
