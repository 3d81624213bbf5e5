"""A new release of the application: its image under another name, in another archive."""

import io
import json
import shutil
import tarfile
from pathlib import Path

REF_NAME = "org.opencontainers.image.ref.name"


def release_anew(folder: Path, image: str) -> str:
    """Give the application in `folder` a new image; the name that the Compose file asks for now.

    image: file name of the OCI archive. The new one holds the same layers under another tag, so
    that the release is another one to everybody who looks.
    """
    archive, compose = folder / image, folder / "compose.yaml"
    half = archive.with_suffix(".half")
    old, new = _retagged(archive, half)
    half.replace(archive)
    compose.write_text(compose.read_text().replace(f"image: {old}\n", f"image: {new}\n"))
    return new


def _retagged(archive: Path, target: Path) -> tuple[str, str]:
    """Old and new name of the archive's one image."""
    names = ("", "")
    with tarfile.open(archive) as source, tarfile.open(target, "w") as copy:
        for member in source:
            content = source.extractfile(member) if member.isfile() else None
            if content is not None and member.name == "index.json":
                names, body = _renamed(content.read())
                member.size = len(body)
                copy.addfile(member, io.BytesIO(body))
            else:
                copy.addfile(member, content)
    shutil.copymode(archive, target)
    return names


def _renamed(index: bytes) -> tuple[tuple[str, str], bytes]:
    document = json.loads(index)
    annotations = document["manifests"][0]["annotations"]
    old = annotations[REF_NAME]
    stem, _, tag = old.rpartition(":")
    annotations[REF_NAME] = f"{stem}:{tag}-next"
    return (old, annotations[REF_NAME]), json.dumps(document).encode()
