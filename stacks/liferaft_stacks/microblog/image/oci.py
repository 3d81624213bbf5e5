"""One folder as an OCI archive with one layer: a tar that `podman load` and `skopeo` read.

https://github.com/opencontainers/image-spec/blob/v1.0/image-layout.md
The layer is not compressed: podman 4.3 then loads 87 MB in 1.7 to 2.7 s, against 2.3 to 3.1 s with
zstd and 3.1 to 3.5 s with gzip (two runs each, 2 busy cores).
The same folder gives the same bytes: names are sorted, times and owners are fixed.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

EPOCH = "1970-01-01T00:00:00Z"
MEDIA = "application/vnd.oci.image"


@dataclass(frozen=True)
class Runs:
    """What a container of the image does, and what the image says about itself."""

    entrypoint: Sequence[str]
    user: str
    working_dir: str
    environment: Mapping[str, str]
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Blob:
    """Content in the archive, by its digest."""

    media_type: str
    digest: str
    size: int

    @property
    def path(self) -> str:
        """Its place in the archive."""
        return f"blobs/sha256/{self.digest}"

    def descriptor(self, **extra: Any) -> dict[str, Any]:
        """How the other parts refer to it."""
        return {
            "mediaType": self.media_type,
            "digest": f"sha256:{self.digest}",
            "size": self.size,
            **extra,
        }


class _Hashed(io.RawIOBase):
    """Counts and digests what passes on its way to a file."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.digest = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self._out.write(data)


def write_archive(root: Path, runs: Runs, name: str, architecture: str, out: Path) -> None:
    """Write the archive to `out`; once loaded, the image is called `name`.

    One name, as podman 4.3 refuses an OCI archive with more ("more than one image in oci").
    """
    layer_file = out.with_suffix(".layer")
    try:
        layer = _layer(root, layer_file)
        config = _config(runs, architecture, layer)
        config_blob = _blob_of(config, f"{MEDIA}.config.v1+json")
        manifest = _json(
            schemaVersion=2,
            mediaType=f"{MEDIA}.manifest.v1+json",
            config=config_blob.descriptor(),
            layers=[layer.descriptor()],
        )
        manifest_blob = _blob_of(manifest, f"{MEDIA}.manifest.v1+json")
        index = _json(
            schemaVersion=2,
            manifests=[
                manifest_blob.descriptor(annotations={"org.opencontainers.image.ref.name": name})
            ],
        )
        with tarfile.open(out, "w", format=tarfile.USTAR_FORMAT) as archive:
            _add(archive, "oci-layout", _json(imageLayoutVersion="1.0.0"))
            _add(archive, "index.json", index)
            _add(archive, manifest_blob.path, manifest)
            _add(archive, config_blob.path, config)
            with layer_file.open("rb") as content:
                archive.addfile(_entry(layer.path, layer.size), content)
    finally:
        layer_file.unlink(missing_ok=True)


def _layer(root: Path, out: Path) -> Blob:
    """The folder as a tar in `out`."""
    with out.open("wb") as file:
        hashed = _Hashed(file)
        with tarfile.open(fileobj=hashed, mode="w|", format=tarfile.GNU_FORMAT) as tar:
            for path in sorted(root.rglob("*")):
                tar.add(path, str(path.relative_to(root)), recursive=False, filter=_plain)
    return Blob(f"{MEDIA}.layer.v1.tar", hashed.digest.hexdigest(), hashed.size)


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = 0
    return entry


def _config(runs: Runs, architecture: str, layer: Blob) -> bytes:
    return _json(
        created=EPOCH,
        architecture=architecture,
        os="linux",
        config={
            "Entrypoint": list(runs.entrypoint),
            "User": runs.user,
            "WorkingDir": runs.working_dir,
            "Env": [f"{name}={value}" for name, value in sorted(runs.environment.items())],
            "StopSignal": "SIGTERM",
            "Labels": dict(runs.labels),
        },
        rootfs={"type": "layers", "diff_ids": [f"sha256:{layer.digest}"]},
        history=[{"created": EPOCH, "created_by": "liferaft"}],
    )


def _blob_of(content: bytes, media_type: str) -> Blob:
    return Blob(media_type, hashlib.sha256(content).hexdigest(), len(content))


def _json(**value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o644
    return entry


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    archive.addfile(_entry(name, len(content)), io.BytesIO(content))
