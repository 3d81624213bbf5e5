"""Archives of images as podman loads them: which images one holds, and by what names.

Only the list of contents and a few kilobytes of JSON are read, so that this can be asked of every
archive before anything runs. Names are those that podman 4.3 (Debian 12) gives when it loads.
"""

import hashlib
import json
import tarfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from liferaft.compose.image_name import is_found, whole
from liferaft.failures import BadInput

_NAMES: Final = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
"""Annotations that name an image, the first that is there. containers/common, libimage/pull.go."""
_LARGEST_JSON: Final = 16 * 1024**2
_ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True)
class Archive:
    """One archive. `names` are whole (`localhost/web:1`), sorted, at least one."""

    path: Path
    names: tuple[str, ...]
    architectures: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By name, in the words of liferaft.toml; without those that the archive does not tell."""

    @property
    def key(self) -> str:
        """Tells this archive from every other of the app, and a person what it is.

        Made of what it holds: where it lies and what its file is called may change.
        """
        first = self.names[0]
        readable = first.rpartition("/")[2].partition(":")[0]
        return f"{readable[:40]}-{hashlib.sha256(first.encode()).hexdigest()[:8]}"


class _Unusable(Exception):
    """The message says why podman would not load it, or nobody would find what it loads."""


def digest(path: Path) -> str:
    """Hex SHA-256 of a file. Raises BadInput when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(
            f"The image {path} cannot be read: {error.strerror}",
            safe="Nothing was done.",
            do="Build it, or correct app.images.",
        ) from error


def read(path: Path) -> Archive:
    """What an archive holds. Raises BadInput for one that podman could not load. Blocks."""
    try:
        images = _images_in(path)
    except _Unusable as error:
        raise _refused(path, str(error)) from error
    except (tarfile.TarError, EOFError, OSError, ValueError, RecursionError) as error:
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        reason = said.partition("\n")[0].rstrip(":")
        raise _refused(path, f"it is no whole archive ({reason})") from error
    told = {name: built for name, built in images.items() if built}
    return Archive(path, tuple(sorted(images)), told)


def _images_in(path: Path) -> dict[str, frozenset[str]]:
    if not path.is_file():
        raise _Unusable("it is no file" if path.exists() else "no such file")
    with path.open("rb") as file:
        if file.read(len(_ZSTANDARD)) == _ZSTANDARD:
            raise _Unusable("it is compressed with zstd; leave it uncompressed")
    with tarfile.open(path) as tar:
        return _images(_Contents(tar))


def distinct(archives: Sequence[Archive]) -> None:
    """Raise BadInput where two archives hold one name: the one that is loaded last would win."""
    first: dict[str, Path] = {}
    for archive in archives:
        for name in archive.names:
            if name in first:
                raise BadInput(
                    f"{name} is in two archives, {first[name]} and {archive.path}",
                    safe="Nothing was done.",
                    do="Name each image once in app.images.",
                )
            first[name] = archive.path


def built_for(image: str, held: Sequence[Archive]) -> frozenset[str]:
    """The architectures of a Compose file's image; empty if that is not told."""
    for archive in held:
        for name in archive.names:
            if is_found(image, [name]):
                return archive.architectures.get(name, frozenset())
    return frozenset()


def absent(wanted: Iterable[str], held: Collection[str]) -> tuple[str, ...]:
    """Those images of a Compose file that podman would not find among these names, sorted."""
    return tuple(sorted(image for image in set(wanted) if not is_found(image, held)))


class _Contents:
    """The members of an archive by their names. Reading the list proves that no end is missing."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._members = {one.name.removeprefix("./"): one for one in tar.getmembers()}

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def json(self, name: str) -> Any:
        member = self._members.get(name)
        opened = self._tar.extractfile(member) if member and member.isfile() else None
        if member is None or opened is None:
            raise _Unusable(f"it lacks {name}")
        if member.size > _LARGEST_JSON:
            raise _Unusable(f"its {name} is no list of contents")
        return json.loads(opened.read())

    def require(self, blob: Any) -> None:
        """A layer or configuration that the archive names is in it, in its whole length."""
        member = self._members.get(_blob(blob))
        if member is None or not member.isfile():
            raise _Unusable(f"it lacks {blob['digest']}")
        if member.size != blob["size"]:
            raise _Unusable(f"its {blob['digest']} has {member.size} bytes, not {blob['size']}")


def _images(contents: _Contents) -> dict[str, frozenset[str]]:
    """As podman chooses: an OCI archive of one image, else an archive of `docker save`."""
    try:
        index = contents.json("index.json")["manifests"] if "index.json" in contents else []
        if len(index) == 1:
            given = _of_oci(contents, index[0])
        elif "manifest.json" in contents:
            given = _of_docker(contents, contents.json("manifest.json"))
        elif index:
            raise _Unusable(
                f"it is an OCI archive of {len(index)} images, of which podman loads none; "
                "make one archive for each"
            )
        else:
            raise _Unusable("it is no archive of an image")
        images = {whole(name): built for name, built in given.items()}
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise _Unusable("its list of contents is damaged") from error
    except ValueError as error:
        raise _Unusable(str(error)) from error
    if not images:
        raise _Unusable("its image has no name; save it by name and tag")
    return images


def _of_oci(contents: _Contents, entry: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    contents.require(entry)
    manifest = contents.json(_blob(entry))
    if "layers" in manifest:
        for blob in (manifest["config"], *manifest["layers"]):
            contents.require(blob)
        built = _built(contents, _blob(manifest["config"]))
    else:  # an index of its own: podman takes the server's architecture of several
        platforms = [one.get("platform") or {} for one in manifest["manifests"]]
        built = frozenset(_ours(one["architecture"]) for one in platforms if "architecture" in one)
    annotations = entry.get("annotations") or {}
    return dict.fromkeys([name for key in _NAMES if (name := annotations.get(key))][:1], built)


def _of_docker(
    contents: _Contents, images: Sequence[Mapping[str, Any]]
) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for image in images:
        for part in (image["Config"], *image["Layers"]):
            if part not in contents:
                raise _Unusable(f"it lacks {part}")
        found |= dict.fromkeys(image.get("RepoTags") or (), _built(contents, image["Config"]))
    return found


def _built(contents: _Contents, config: str) -> frozenset[str]:
    told = contents.json(config).get("architecture")
    return frozenset({_ours(told)} if told else ())


def _ours(architecture: str) -> str:
    """Go's word for it in the word of liferaft.toml."""
    return {"amd64": "x86_64"}.get(architecture, architecture)


def _blob(entry: Mapping[str, Any]) -> str:
    algorithm, _, value = entry["digest"].partition(":")
    return f"blobs/{algorithm}/{value}"


def _refused(path: Path, reason: str) -> BadInput:
    return BadInput(
        f"The image {path} cannot be loaded: {reason}",
        safe="Nothing was done.",
        do="Save it again (podman save --format oci-archive, or docker save), or correct "
        "app.images.",
    )
