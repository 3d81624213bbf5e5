"""An archive is sealed on its server, and what the vault then has is known without reading it."""

import hashlib

import pytest
from tests.models.host import HostModel
from tests.models.machine import Machine

from liferaft.data.container_images.archive import FOLDER, ContainerImage, archive_path
from liferaft.data.container_images.sealing import Brought, bring_sealed
from liferaft.data.failures import SnapshotFailed
from liferaft.data.rclone import CryptSecrets, Rclone, Sealed
from liferaft.remote.markers import MARKERS
from liferaft.site.reach import VaultAccess

VAULT = VaultAccess("main", "shelf", "objects.test", 443, "r", "id", "secret")
SEALED = Sealed(VAULT, CryptSecrets("password", "salt"))
CONTENT = b"what podman loads"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
KEY, MARKER, SEALING = "epoch-00000001/images/hidden", "one.sealed", f"{FOLDER}/sealing-main"


@pytest.fixture
def server() -> HostModel:
    machine = Machine("203.0.113.9", outside={"shelf": {}})
    machine.packages |= {"rclone"}
    machine.files.make_folder(FOLDER)
    machine.files.write(archive_path(DIGEST), CONTENT, machine.clock)
    return HostModel(machine)


async def brought(server: HostModel) -> Brought:
    rclone = Rclone(server, "images")
    await rclone.configure(SEALED.config("images", 1) + SEALED.config_of_folder(SEALING))
    return await bring_sealed(
        *(rclone, archive_path(DIGEST), SEALING, SEALED.raw_path(KEY)),
        marker=MARKER,
        doing="Copying the image",
        deadline=60,
    )


async def test_the_vault_has_what_was_sealed_and_the_server_keeps_its_digest_alone(
    server: HostModel,
) -> None:
    came = await brought(server)
    there = server.machine.outside["shelf"][KEY]
    assert there != CONTENT
    assert came == Brought(hashlib.sha256(there).hexdigest(), is_proven=True)
    assert server.machine.files.read(f"{MARKERS}/{MARKER}").decode().strip() == came.digest
    assert not [path for path in server.machine.files.below(SEALING) if path.endswith(".bin")]


async def test_of_a_store_that_does_not_have_what_it_took_nothing_is_proven(
    server: HostModel,
) -> None:
    server.machine.kept["forgetful"] = ["shelf"]
    came = await brought(server)
    assert not came.is_proven
    assert KEY not in server.machine.outside["shelf"]


async def test_an_image_that_such_a_store_took_is_in_no_point(server: HostModel) -> None:
    server.machine.kept["forgetful"] = ["shelf"]
    with pytest.raises(SnapshotFailed, match="is not whole in vault main after it was copied"):
        await ContainerImage("web", DIGEST, SEALED).snapshot(server, epoch=1, marker="p")


async def test_what_another_server_has_sealed_is_read_through_the_seal(server: HostModel) -> None:
    image = ContainerImage("web", DIGEST, SEALED)
    part = await image.snapshot(server, epoch=1, marker="p")
    other = HostModel(Machine("203.0.113.10", outside=server.machine.outside))
    other.machine.packages |= {"rclone"}
    assert await image.is_stored(other, epoch=1)
    assert (await image.snapshot(other, epoch=1, marker="q")).facts["stored"] == part.facts[
        "stored"
    ]


async def test_what_a_server_sealed_and_is_other_in_the_vault_now_is_brought_again(
    server: HostModel,
) -> None:
    image = ContainerImage("web", DIGEST, SEALED)
    part = await image.snapshot(server, epoch=1, marker="p")
    (key,) = part.facts["stored"]
    shelf = server.machine.outside["shelf"]
    shelf[key] = b"!" + shelf[key]
    assert not await image.is_stored(server, epoch=1)
    await image.snapshot(server, epoch=1, marker="q")
    assert await image.is_stored(server, epoch=1)
