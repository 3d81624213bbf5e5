"""The sample application with dependencies that it says nothing of, planted in its code."""

import io
import json
import tarfile
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from tests.rehearsal import outside

PROGRAM: Final = Path(outside.__file__)
PLACE: Final = "srv/chirp/outside.py"
HIDDEN: Final = {
    "web": (outside.FLAGS,),
    "mailer": (outside.MAIL, outside.WEBHOOK),
    "keeper": (outside.BUCKET, outside.ADDRESS),
}
"""What each service asks for in vain where nobody outside may be called."""
WEB: Final = """
    command: ["outside:{}()"]
    depends_on: [mailer, keeper]
"""
OTHER: Final = """\
  {0}:
    image: localhost/chirp:latest
    command: ["--workers", "1", "outside:{0}()"]
"""


def plant(folder: Path, *, starts: str = "web") -> None:
    """In the application's folder. starts: the function that its own service starts with."""
    compose, toml = folder / "compose.yaml", folder / "liferaft.toml"
    others = [service for service in HIDDEN if service != "web"]
    told = WEB.format(starts).lstrip("\n") + "".join(map(OTHER.format, others))
    compose.write_text(compose.read_text().rstrip("\n") + "\n" + told)
    runs = json.dumps([*HIDDEN])
    toml.write_text(toml.read_text().replace('runs = ["web"]', f"runs = {runs}"))
    for archive in folder.glob("*.oci.tar"):
        half = archive.with_suffix(".half")
        put_into(archive, PROGRAM.read_bytes(), half)
        half.rename(archive)


def not_told(said: str) -> list[str]:
    """What was planted, and is not named with its container in what a drill said."""
    lines = [line for line in said.splitlines() if line.startswith("HIDDEN DEPENDENCY")]
    return [
        f"{service} asks for {asked}"
        for service, called in HIDDEN.items()
        for asked in called
        if not any(f"container app_{service}_1 " in one and asked in one for one in lines)
    ]


def put_into(archive: Path, program: bytes, out: Path) -> None:
    """The image of an OCI archive with one file more, as another archive."""
    with tarfile.open(archive) as old, tarfile.open(out, "w") as new:
        index = json.loads(_read(old, "index.json"))
        (entry,) = index["manifests"]
        manifest = json.loads(_read(old, _path(entry)))
        config = json.loads(_read(old, _path(manifest["config"])))
        layer = _layer(program)
        config["rootfs"]["diff_ids"].append(f"sha256:{sha256(layer).hexdigest()}")
        config["history"].append({"created_by": "planted"})
        kind = manifest["layers"][-1]["mediaType"]
        for one in manifest["layers"]:
            new.addfile(old.getmember(_path(one)), old.extractfile(_path(one)))
        manifest["layers"].append(_add(new, layer, kind))
        manifest["config"] = _add(new, _json(config), manifest["config"]["mediaType"])
        entry |= _add(new, _json(manifest), entry["mediaType"])
        _put(new, "oci-layout", _read(old, "oci-layout"))
        _put(new, "index.json", _json(index))


def _layer(program: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as layer:
        _put(layer, PLACE, program)
    return out.getvalue()


def _add(tar: tarfile.TarFile, content: bytes, kind: str) -> dict[str, Any]:
    """A blob, and how it is named elsewhere."""
    told = {
        "mediaType": kind,
        "digest": f"sha256:{sha256(content).hexdigest()}",
        "size": len(content),
    }
    _put(tar, _path(told), content)
    return told


def _put(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o644
    tar.addfile(entry, io.BytesIO(content))


def _path(descriptor: dict[str, Any]) -> str:
    return f"blobs/{descriptor['digest'].replace(':', '/')}"


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    assert file is not None
    return file.read()


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()
