"""The same image becomes the same archive, whoever packs it and when."""

import os
from pathlib import Path

import pytest
from tests.hosts import packed

from liferaft.data.container_images.packing import pack
from liferaft.hosts import archives


def lay(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_neither_times_nor_modes_nor_the_order_of_files_make_another_archive(
    tmp_path: Path,
) -> None:
    files = packed.oci({packed.REF: "as-skopeo-called-it"})
    digests = set()
    for turn, order in enumerate((files, dict(reversed(files.items())))):
        layout = lay(tmp_path / f"layout-{turn}", order)
        for path in layout.rglob("*"):
            os.utime(path, (turn, turn))
        (layout / "oci-layout").chmod(0o600 if turn else 0o644)
        manifest = pack(layout, tmp_path / f"{turn}.tar", "localhost/web:1")
        digests.add((archives.digest(tmp_path / f"{turn}.tar"), manifest))
    assert len(digests) == 1
    assert archives.read(tmp_path / "0.tar").names == ("localhost/web:1",)


def test_another_content_is_another_archive(tmp_path: Path) -> None:
    for content in ("old", "new"):
        layout = lay(tmp_path / content, packed.oci({packed.REF: "web"}, content=content))
        pack(layout, tmp_path / f"{content}.tar", "localhost/web:1")
    assert len({archives.digest(tmp_path / f"{one}.tar") for one in ("old", "new")}) == 2


def test_a_layout_of_two_images_is_none_of_one(tmp_path: Path) -> None:
    layout = lay(tmp_path / "two", packed.oci({packed.REF: "a"}, {packed.REF: "b"}))
    with pytest.raises(ValueError, match="no layout of one image"):
        pack(layout, tmp_path / "two.tar", "localhost/web:1")
