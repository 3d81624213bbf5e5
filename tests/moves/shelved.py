"""Recovery points with all that they have in a vault, as a snapshot leaves it."""

from datetime import UTC, datetime, timedelta

from liferaft.recovery.part import Part
from liferaft.recovery.parts import note_part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.vault import CheckedVault, Vault
from liferaft.vault.layout import EpochKeys

NOW = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)


def name(**ago: float) -> str:
    """Of the point that was taken so long ago."""
    return (NOW - timedelta(**ago)).strftime("%Y%m%dT%H%M%SZ")


NEW, HOUR, OLD = name(), name(hours=1), name(days=400)


def label(point: str) -> str:
    """Of its base backup."""
    return f"{point[:8]}-{point[9:15]}F"


def parts_of(epoch: int, point: str) -> tuple[Part, ...]:
    """What its manifest names."""
    at = "2026-11-22T14:00:00Z"
    backup = {"labels": {"main": label(point)}, "archive_start": segment(point)}
    image = {f"epoch-{epoch:08}/images/{point}": "digest"}
    return (
        Part("postgres", "db", epoch, at, 100, backup),
        Part("image", "chirp", epoch, at, 10, {"digest": point, "stored": image}),
    )


def segment(point: str) -> str:
    """As many as seconds went by."""
    taken = datetime.strptime(point, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return f"{1:08X}{int(taken.timestamp()):016X}"


def taken(vault: Vault, epoch: int, point: str, *, whole: bool = True) -> None:
    """A point with all that a snapshot leaves in the vault; without its manifest where it was
    killed before."""
    raw, keys, parts = raw_of(vault), EpochKeys(epoch), parts_of(epoch, point)
    folder = keys.data("pgbackrest")
    raw.put(f"{folder}/backup/main/{label(point)}/backup.manifest", b"12345")
    wal = f"{folder}/archive/main/15-1/{segment(point)[:16]}/{segment(point)}-{'a' * 40}.lz4"
    raw.put(wal, b"123")
    raw.put(f"{keys.data('images')}/{point}", b"1234567")
    vault.put(keys.state(point, "east"), b"{}")
    for part in parts:
        note_part(vault, point, part)
    if whole:
        publish(vault, RecoveryPoint(point, "chirp", epoch, "east", "2026", parts))


def raw_of(vault: Vault) -> Vault:
    """Where what servers wrote lies as it is."""
    return vault.raw if isinstance(vault, CheckedVault) else vault
