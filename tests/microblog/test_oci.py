"""The archive that podman loads."""

import hashlib
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from liferaft_stacks.microblog.image import oci

RUNS = oci.Runs(["gunicorn"], "10001:10001", "/srv", {"PATH": "/usr/bin"}, {"version": "1"})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/tool").write_text("tool")
    (root / "usr/bin/tool").chmod(0o755)
    (root / "bin").symlink_to("usr/bin")
    return root


def archived(root: Path, name: str) -> Path:
    out = root.parent / name
    oci.write_archive(root, RUNS, "localhost/chirp:latest", "amd64", out)
    return out


def content(archive: Path, name: str) -> bytes:
    with tarfile.open(archive) as tar:
        member = tar.extractfile(name)
        assert member is not None
        return member.read()


def blob(archive: Path, descriptor: dict[str, Any]) -> bytes:
    found = content(archive, "blobs/sha256/" + descriptor["digest"].removeprefix("sha256:"))
    assert len(found) == descriptor["size"]
    assert f"sha256:{hashlib.sha256(found).hexdigest()}" == descriptor["digest"]
    return found


def test_every_blob_is_what_its_descriptor_says(root: Path) -> None:
    archive = archived(root, "image.tar")
    [named] = json.loads(content(archive, "index.json"))["manifests"]
    manifest = json.loads(blob(archive, named))
    config = json.loads(blob(archive, manifest["config"]))
    [layer] = manifest["layers"]
    blob(archive, layer)
    assert config["rootfs"]["diff_ids"] == [layer["digest"]]
    assert config["config"]["User"] == "10001:10001"
    assert named["annotations"]["org.opencontainers.image.ref.name"] == "localhost/chirp:latest"


def test_the_same_folder_gives_the_same_bytes(root: Path) -> None:
    first = archived(root, "first.tar")
    (root / "usr/bin/tool").touch()
    assert archived(root, "second.tar").read_bytes() == first.read_bytes()


def test_nothing_but_the_archive_is_left(root: Path) -> None:
    archived(root, "image.tar")
    assert sorted(path.name for path in root.parent.iterdir()) == ["image.tar", "root"]
