"""Every archive of the operator is an image of its own, in the vault and on servers."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from tests.data.container_images.app_server import HASHES, SEALS, AppServer
from tests.hosts.packed import image

from liferaft.data.container_images.archive import archive_path
from liferaft.data.container_images.deliver import DeliverContainerImages
from liferaft.data.container_images.keep import KeepContainerImages
from liferaft.data.container_images.load import LoadContainerImages
from liferaft.data.container_images.note import NoteRelease
from liferaft.data.failures import ArchiveMissing, NotAsSealed
from liferaft.hosts import archives
from liferaft.recovery import release
from liferaft.recovery.part import Part
from liferaft.recovery.parts import parts_of
from liferaft.remote.contract import Completed, Host
from liferaft.site.world import World
from liferaft.vault import CheckedVault, Damaged

POINT = "20261122T140000Z"
FOLDERS = ("web", "worker")


@pytest.fixture
def two_of_one_file_name(in_a_bucket: Callable[[str], World], tmp_path: Path) -> World:
    world = in_a_bucket("s3://chirp-vault")
    paths = []
    for folder in FOLDERS:
        path = tmp_path / folder / "image.tar"
        path.parent.mkdir()
        path.write_bytes(image(f"example/{folder}:1", content=folder))
        paths.append(path)
    world.site.config.app.compose.write_text("services:\n  web:\n    image: example/web:1\n")
    app = world.site.config.app.model_copy(update={"images": tuple(paths)})
    world.site.config = world.site.config.model_copy(update={"app": app})
    world.servers._hosts["app-1"] = cast("Host", AppServer())
    return world


async def test_a_recovery_point_has_every_image_though_their_files_have_one_name(
    two_of_one_file_name: World,
) -> None:
    keep = KeepContainerImages(1, POINT)
    await keep.apply(two_of_one_file_name)
    assert await keep.holds(two_of_one_file_name)
    kept = parts_of(two_of_one_file_name.site.vault, 1, POINT)
    digests = {archives.digest(path) for path in two_of_one_file_name.site.config.app.archives}
    assert {part.facts["digest"] for part in kept} == digests
    assert {name for part in kept for name in part.facts["names"]} == {
        f"localhost/example/{folder}:1" for folder in FOLDERS
    }
    assert len({json.dumps(part.name) for part in kept}) == len(FOLDERS)


async def test_a_second_deploy_finds_every_image_delivered_though_their_files_have_one_name(
    two_of_one_file_name: World,
) -> None:
    deliver = DeliverContainerImages("app-1", 1)
    await deliver.apply(two_of_one_file_name)
    assert await deliver.holds(two_of_one_file_name)


async def test_a_deploy_notes_what_it_started_once(two_of_one_file_name: World) -> None:
    note = NoteRelease(1)
    assert not await note.holds(two_of_one_file_name)
    await note.apply(two_of_one_file_name)
    assert await note.holds(two_of_one_file_name)
    noted = release.newest(two_of_one_file_name.site.vault, 1)
    assert noted is not None
    assert noted.digests == {
        archives.digest(path) for path in two_of_one_file_name.site.config.app.archives
    }


def built_anew(path: Path) -> None:
    path.write_bytes(image(f"example/{path.parent.name}:2", content="another"))


async def test_an_image_that_was_built_and_not_deployed_is_not_what_runs(
    two_of_one_file_name: World,
) -> None:
    world = two_of_one_file_name
    await NoteRelease(1).apply(world)
    for path in world.site.config.app.archives:
        built_anew(path)
    world.run.archives.clear()
    assert not await NoteRelease(1).holds(world)


@pytest.mark.parametrize("changed", [built_anew, Path.unlink])
async def test_a_recovery_point_has_the_images_that_run_and_needs_no_archive_of_the_operators(
    two_of_one_file_name: World, changed: Callable[[Path], None]
) -> None:
    world = two_of_one_file_name
    await NoteRelease(1).apply(world)
    deployed = {archives.digest(path) for path in world.site.config.app.archives}
    for path in world.site.config.app.archives:
        changed(path)
    world.run.archives.clear()
    keep = KeepContainerImages(1, POINT)
    await keep.apply(world)
    assert await keep.holds(world)
    assert {part.facts["digest"] for part in parts_of(world.site.vault, 1, POINT)} == deployed


async def test_a_deploy_brings_an_image_that_is_damaged_in_the_vault_again(
    two_of_one_file_name: World, caplog: pytest.LogCaptureFixture
) -> None:
    world, deliver = two_of_one_file_name, DeliverContainerImages("app-1", 1)
    await deliver.apply(world)
    server = cast("AppServer", world.servers._hosts["app-1"])
    assert not server.brought
    server.damaged = archives.digest(world.site.config.app.archives[1])
    assert not await deliver.holds(world)
    await deliver.apply(world)
    assert server.brought == [archives.digest(world.site.config.app.archives[1])]
    assert "is damaged" in caplog.text
    assert await deliver.holds(world)


async def test_a_snapshot_brings_an_image_that_is_damaged_in_the_vault_again(
    two_of_one_file_name: World, caplog: pytest.LogCaptureFixture
) -> None:
    server = cast("AppServer", two_of_one_file_name.servers._hosts["app-1"])
    server.damaged = archives.digest(two_of_one_file_name.site.config.app.archives[0])
    await KeepContainerImages(1, POINT).apply(two_of_one_file_name)
    assert server.brought == [archives.digest(two_of_one_file_name.site.config.app.archives[0])]
    assert "is damaged" in caplog.text


class NowhereWhole(AppServer):
    """Neither its vault nor it itself has a whole archive, but for those it is given by `put`."""

    def __init__(self, digest: str) -> None:
        super().__init__()
        self.damaged = digest
        self.given: list[str] = []

    def _rclone(self, said: str) -> Completed:
        if HASHES in said and SEALS not in said and not any(p in said for p in self.given):
            return Completed(1, b"", b"No such file or directory")
        return super()._rclone(said)

    async def put(self, *path: object, **_: object) -> None:
        self.given += [str(one) for one in path if str(one).endswith(".tar")]


async def test_a_snapshot_takes_an_image_that_nobody_else_has_whole_from_the_operator(
    two_of_one_file_name: World, caplog: pytest.LogCaptureFixture
) -> None:
    world = two_of_one_file_name
    await NoteRelease(1).apply(world)
    digest = archives.digest(world.site.config.app.archives[1])
    server = NowhereWhole(digest)
    world.servers._hosts["app-1"] = cast("Host", server)
    await KeepContainerImages(1, POINT).apply(world)
    assert server.given == [archive_path(digest)]
    assert server.brought == [digest]
    assert "has the same content and is used" in caplog.text


async def test_a_snapshot_says_which_archive_is_missing_where_nobody_has_it_whole(
    two_of_one_file_name: World,
) -> None:
    world = two_of_one_file_name
    await NoteRelease(1).apply(world)
    path = world.site.config.app.archives[1]
    digest = archives.digest(path)
    path.unlink()
    world.servers._hosts["app-1"] = cast("Host", NowhereWhole(digest))
    with pytest.raises(ArchiveMissing, match=r"\(localhost/example/worker:1\)") as caught:
        await KeepContainerImages(1, POINT).apply(world)
    assert "is not whole in vault main" in caught.value.facts.happened
    assert digest in caught.value.facts.do
    (kept,) = parts_of(world.site.vault, 1, POINT)
    assert kept.facts["digest"] != digest, "what nobody has is in no recovery point"


async def test_a_damaged_note_of_what_was_started_is_written_anew(
    two_of_one_file_name: World, caplog: pytest.LogCaptureFixture
) -> None:
    world, note = two_of_one_file_name, NoteRelease(1)
    await note.apply(world)
    whole = world.site.vault.stored("epoch-00000001/release.json")
    cast("CheckedVault", world.site.vault).raw.put("epoch-00000001/release.json", whole[:-1])
    with pytest.raises(Damaged, match=r"release\.json") as caught:
        release.newest(world.site.vault, 1)
    assert "`liferaft deploy`" in caught.value.facts.do
    assert not await note.holds(world)
    assert "written anew" in caplog.text
    await note.apply(world)
    assert await note.holds(world)


@pytest.mark.parametrize("again", [NoteRelease(1), KeepContainerImages(1, POINT)])
async def test_an_image_that_was_brought_again_is_noted_as_it_lies_there_now(
    two_of_one_file_name: World, again: NoteRelease | KeepContainerImages
) -> None:
    """Else it would be taken for damaged when a failover is planned."""
    world = two_of_one_file_name
    await NoteRelease(1).apply(world)
    noted = release.newest(world.site.vault, 1)
    assert noted is not None
    stale = [dataclasses.replace(one, facts={**one.facts, "stored": {}}) for one in noted.images]
    release.note(world.site.vault, 1, "r", dataclasses.replace(noted, images=tuple(stale)))
    assert not await again.holds(world)
    await again.apply(world)
    now = release.newest(world.site.vault, 1)
    assert now is not None
    assert [one.facts["stored"] for one in now.images] == [
        one.facts["stored"] for one in noted.images
    ]


class DamagedInTheVault(AppServer):
    """Pulls nothing whole from the vault; `put` are archives that it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[str] = []

    def _rclone(self, said: str) -> Completed:
        if HASHES in said and SEALS not in said and not any(p in said for p in self.given):
            return Completed(1, b"", b"No such file or directory")
        if "copyto" in said:
            return Completed(1, b"", b"failed to authenticate decrypted block - bad password?")
        return super()._rclone(said)

    async def put(self, *path: object, **_: object) -> None:
        self.given += [str(one) for one in path if str(one).endswith(".tar")]


async def test_an_image_that_is_damaged_in_the_vault_is_taken_from_the_operator_who_has_it(
    two_of_one_file_name: World, caplog: pytest.LogCaptureFixture
) -> None:
    world = two_of_one_file_name
    paths = world.site.config.app.archives
    parts = [
        Part("image", f"web-{n}", 1, "", 7, {"digest": archives.digest(path), "stored": {"k": "s"}})
        for n, path in enumerate(paths)
    ]
    server = DamagedInTheVault()
    world.servers._hosts["app-1"] = cast("Host", server)
    load = LoadContainerImages("app-1", 2, tuple(part.to_json() for part in parts))
    await load.apply(world)
    assert server.given == [archive_path(archives.digest(path)) for path in paths]
    assert "has the same content and is used" in caplog.text
    server = DamagedInTheVault()
    world.servers._hosts["app-1"] = cast("Host", server)
    paths[1].unlink()
    with pytest.raises(NotAsSealed, match="web-1 is damaged in vault main, object k") as caught:
        await load.apply(world)
    assert "does not help" in caught.value.facts.do
    assert parts[1].facts["digest"] in caught.value.facts.do
