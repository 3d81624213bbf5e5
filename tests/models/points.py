"""Recovery points that a scene has beside those that its stories take."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta

from tests.models.programs.repository import ARCHIVE
from tests.models.scene import Scene
from tests.models.vault import VaultModel

from liferaft.data.postgres.layout import backups_in_vault
from liferaft.data.postgres.wal import Segment
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, newest_whole, publish
from liferaft.vault import CheckedVault
from liferaft.vault.layout import EpochKeys

EARLIER = "20261101-000001F"
"""The label of a backup that no modelled server takes."""
UNNAMED = "images/of-nobody"


def earlier_point(scene: Scene) -> None:
    """The newest point was taken a year ago as well, as far as anybody can tell; an image lies
    beside that nothing names any more."""
    vault = CheckedVault(VaultModel(scene.shelf))
    point = newest_whole(vault, 9)
    assert point is not None
    ago = datetime.now(UTC) - timedelta(days=365)
    _copy(vault, scene, point, ago.strftime("%Y%m%dT%H%M%SZ"), point.epoch)
    key = vault_key(EpochKeys(point.epoch).data(*UNNAMED.split("/")))
    scene.shelf.objects[key] = b"an image"


def point_of_the_next_epoch(scene: Scene) -> None:
    """The newest point was taken in the epoch after its own, too: what it has lies there."""
    vault = CheckedVault(VaultModel(scene.shelf))
    point = newest_whole(vault, 9)
    assert point is not None
    later = datetime.now(UTC) + timedelta(seconds=5)
    _copy(vault, scene, point, later.strftime("%Y%m%dT%H%M%SZ"), point.epoch + 1)


def vault_key(key: str) -> str:
    return f"chirp/{key}"


def _copy(vault: CheckedVault, scene: Scene, point: RecoveryPoint, name: str, epoch: int) -> None:
    parts = tuple(_part(scene, part, epoch) for part in point.parts)
    publish(vault, dataclasses.replace(point, name=name, epoch=epoch, parts=parts))
    state = EpochKeys(epoch).state(name, point.site)
    vault.put(state, b"{}")


def _part(scene: Scene, part: Part, epoch: int) -> Part:
    if "labels" not in part.facts:
        return dataclasses.replace(part, epoch=epoch)
    (kept,) = (
        body
        for key, body in scene.shelf.objects.items()
        if key.startswith(vault_key(backups_in_vault(part.epoch))) and key.endswith(".manifest")
    )
    backup = json.loads(kept)
    last = Segment.parse(backup["row"]["archive"]["start"])
    first = Segment(last.timeline, last.number - 1).name
    backup["row"] |= {"label": EARLIER, "archive": {"start": first, "stop": first}}
    folder = vault_key(f"{backups_in_vault(epoch)}/{EARLIER}")
    scene.shelf.objects[f"{folder}/backup.manifest"] = json.dumps(backup).encode()
    archive = vault_key(f"{EpochKeys(epoch).data('pgbackrest')}/{ARCHIVE}/{first[:16]}")
    scene.shelf.objects[f"{archive}/{first}-{'0' * 40}.lz4"] = b"{}"
    facts = {**part.facts, "labels": {"main": EARLIER}, "archive_start": first}
    return dataclasses.replace(part, epoch=epoch, facts=facts)
