import io
import json
import tarfile
from pathlib import Path

import pytest

from liferaft_sandbox.rehearsal.release import REF_NAME, release_anew

LAYER = b"a layer"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "compose.yaml").write_text("services:\n  web:\n    image: localhost/app:1\n")
    index = {"manifests": [{"annotations": {REF_NAME: "localhost/app:1"}, "digest": "sha256:0"}]}
    with tarfile.open(tmp_path / "app.tar", "w") as archive:
        for name, body in (("index.json", json.dumps(index).encode()), ("blobs/layer", LAYER)):
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    return tmp_path


def content(app: Path, name: str) -> bytes:
    with tarfile.open(app / "app.tar") as archive:
        file = archive.extractfile(name)
        assert file is not None
        return file.read()


def test_a_release_is_another_image_that_the_compose_file_asks_for(app: Path) -> None:
    before = (app / "app.tar").read_bytes()
    name = release_anew(app, "app.tar")
    assert name != "localhost/app:1"
    assert (app / "app.tar").read_bytes() != before
    assert f"image: {name}\n" in (app / "compose.yaml").read_text()
    found = json.loads(content(app, "index.json"))["manifests"][0]["annotations"][REF_NAME]
    assert found == name


def test_a_release_keeps_the_layers(app: Path) -> None:
    release_anew(app, "app.tar")
    assert content(app, "blobs/layer") == LAYER
