"""Archives of images as `podman save` and `docker save` write them, of one tiny layer."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence

REF = "org.opencontainers.image.ref.name"
CONTAINERD = "io.containerd.image.name"
_OCI = "application/vnd.oci.image"


def tarred(files: Mapping[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as tar:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


LAYER = tarred({"file": b"x"})


def oci(
    *annotations: Mapping[str, str],
    content: str = "",
    layer: bool = True,
    architecture: str = "amd64",
) -> dict[str, bytes]:
    """The files of an OCI archive: an image for each of the annotations given."""
    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}
    blob = _kept(files, LAYER) if layer else _named(LAYER)
    manifests = []
    for number, given in enumerate(annotations):
        config = _kept(files, _config(f"{content}{number}", architecture))
        body = {
            "schemaVersion": 2,
            "mediaType": f"{_OCI}.manifest.v1+json",
            "config": {"mediaType": f"{_OCI}.config.v1+json", **config},
            "layers": [{"mediaType": f"{_OCI}.layer.v1.tar", **blob}],
        }
        entry = _kept(files, json.dumps(body).encode())
        manifests.append({"mediaType": body["mediaType"], **entry, "annotations": given})
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": manifests}).encode()
    return files


def docker(*tags: Sequence[str] | None, layer: bool = True) -> dict[str, bytes]:
    """The files of an archive of `docker save`: an image for each list of tags given."""
    name = f"{_sha(LAYER)}.tar"
    files = {name: LAYER} if layer else {}
    entries = []
    for number, given in enumerate(tags):
        config = _config(str(number))
        files[f"{_sha(config)}.json"] = config
        entries.append({"Config": f"{_sha(config)}.json", "RepoTags": given, "Layers": [name]})
    files["manifest.json"] = json.dumps(entries).encode()
    return files


def image(name: str, content: str = "", architecture: str = "amd64") -> bytes:
    """An OCI archive of one image."""
    return tarred(oci({REF: name}, content=content, architecture=architecture))


def of_several_architectures(name: str, *architectures: str) -> bytes:
    """An OCI archive of one image that is an index of several."""
    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}
    manifests = []
    for architecture in architectures:
        built = oci({}, architecture=architecture)
        (entry,) = json.loads(built.pop("index.json"))["manifests"]
        files |= built
        manifests.append({**entry, "platform": {"os": "linux", "architecture": architecture}})
    media = f"{_OCI}.index.v1+json"
    body = {"schemaVersion": 2, "mediaType": media, "manifests": manifests}
    entry = {"mediaType": media, **_kept(files, json.dumps(body).encode())}
    entry["annotations"] = {REF: name}
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode()
    return tarred(files)


def _config(content: str, architecture: str = "amd64") -> bytes:
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{_sha(LAYER)}"]}
    config = {"Env": [f"CONTENT={content}"]}
    body = {"architecture": architecture, "os": "linux", "config": config, "rootfs": rootfs}
    return json.dumps(body).encode()


def _kept(files: dict[str, bytes], content: bytes) -> dict[str, str | int]:
    files[f"blobs/sha256/{_sha(content)}"] = content
    return _named(content)


def _named(content: bytes) -> dict[str, str | int]:
    return {"digest": f"sha256:{_sha(content)}", "size": len(content)}


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
