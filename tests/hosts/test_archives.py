"""Which images an archive holds is known before anything runs, by podman's own names."""

from pathlib import Path

import pytest
from tests.hosts.chroot import ChrootHost
from tests.hosts.packed import CONTAINERD, REF, docker, image, oci, of_several_architectures, tarred

from liferaft.failures import BadInput
from liferaft.hosts import archives

ARCHIVES = {
    "OCI": (tarred(oci({REF: "localhost/a:1"})), ("localhost/a:1",)),
    "OCI of a short name": (tarred(oci({REF: "b:1"})), ("localhost/b:1",)),
    "OCI of a tag alone": (tarred(oci({REF: "1.0"})), ("localhost/1.0:latest",)),
    "OCI of containerd": (
        tarred(oci({REF: "2", CONTAINERD: "docker.io/library/e:2"})),
        ("docker.io/library/e:2",),
    ),
    "OCI from Docker's registry": (
        tarred(oci({REF: "docker.io/r"})),
        ("docker.io/library/r:latest",),
    ),
    "OCI of two architectures": (
        of_several_architectures("localhost/many:1", "amd64", "arm64"),
        ("localhost/many:1",),
    ),
    "OCI, compressed": (tarred(oci({REF: "localhost/i:1"}), "w:gz"), ("localhost/i:1",)),
    "Docker": (tarred(docker(["j:1"])), ("localhost/j:1",)),
    "Docker of two images": (
        tarred(docker(["org/k:1", "k:2"], ["localhost/m:1"])),
        ("localhost/k:2", "localhost/m:1", "localhost/org/k:1"),
    ),
    "both, of two images": (
        tarred(oci({REF: "1"}, {REF: "2"}) | docker(["u:1"], ["v:1"])),
        ("localhost/u:1", "localhost/v:1"),
    ),
    "with dots before": (
        tarred({f"./{name}": content for name, content in docker(["w:1"]).items()}),
        ("localhost/w:1",),
    ),
}
USELESS = {
    "one byte": (b"x", "no whole archive"),
    "nothing": (b"", "no whole archive"),
    "another archive": (tarred({"readme": b"hello"}), "no archive of an image"),
    "a half": (image("a:1")[:3000], "no whole archive"),
    "without its layer": (tarred(oci({REF: "a:1"}, layer=False)), "it lacks sha256:"),
    "Docker's without its layer": (tarred(docker(["a:1"], layer=False)), "it lacks"),
    "two images in OCI": (tarred(oci({REF: "a:1"}, {REF: "b:1"})), "OCI archive of 2 images"),
    "no name": (tarred(oci({})), "has no name"),
    "no tags": (tarred(docker(None)), "has no name"),
    "capitals": (tarred(oci({REF: "docker.io/S:1"})), "no name of an image"),
    "damaged": (tarred({"index.json": b'{"manifests": [5]}'}), "list of contents is damaged"),
    "no JSON": (tarred({"index.json": b"{"}), "cannot be loaded"),
    "deep JSON": (tarred({"index.json": b"[" * 100_000}), "cannot be loaded"),
}


@pytest.mark.parametrize("title", ARCHIVES)
def test_the_images_of_an_archive_are_known_by_name(title: str, tmp_path: Path) -> None:
    content, names = ARCHIVES[title]
    path = tmp_path / "image.tar"
    path.write_bytes(content)
    assert archives.read(path).names == names


@pytest.mark.parametrize("title", USELESS)
def test_an_archive_that_podman_could_not_load_is_refused_by_name(
    title: str, tmp_path: Path
) -> None:
    content, reason = USELESS[title]
    path = tmp_path / "image.tar"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=reason) as caught:
        archives.read(path)
    assert str(path) in caught.value.facts.happened


@pytest.mark.parametrize(
    ("content", "built"),
    [
        (image("a:1"), {"x86_64"}),
        (image("a:1", architecture="arm64"), {"arm64"}),
        (of_several_architectures("a:1", "amd64", "arm64"), {"x86_64", "arm64"}),
        (tarred(docker(["a:1"])), {"x86_64"}),
        (image("a:1", architecture=""), set()),
        (image("b:1"), set()),
    ],
)
def test_the_architecture_of_an_image_is_known(
    content: bytes, built: set[str], tmp_path: Path
) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(content)
    assert archives.built_for("a:1", [archives.read(path)]) == built


def test_a_folder_is_no_archive(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="it is no file"):
        archives.read(tmp_path)


def test_archives_are_told_apart_by_what_they_hold(tmp_path: Path) -> None:
    keys = []
    for folder, name in (("web", "example/app:1"), ("worker", "example/app:2")):
        path = tmp_path / folder / "image.tar"
        path.parent.mkdir()
        path.write_bytes(image(name))
        keys.append(archives.read(path).key)
    assert len(set(keys)) == 2
    assert all(key.startswith("app-") for key in keys)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("web:1", True),
        ("localhost/web:1", True),
        ("org/app:1", True),
        ("app:1", True),
        ("docker.io/library/web:1", False),
        ("eb:1", False),
        ("web:2", False),
        ("example.com/org/app:1", True),
    ],
)
def test_an_image_is_found_as_podman_finds_it(asked: str, found: bool) -> None:
    held = ("localhost/web:1", "example.com/org/app:1")
    assert archives.absent([asked], held) == (() if found else (asked,))


@pytest.mark.sandbox
async def test_podman_loads_and_finds_what_is_said_of_an_archive(
    container_host: ChrootHost,
) -> None:
    for title, (content, names) in ARCHIVES.items():
        await container_host.put("/tmp/image.tar", content)
        said = await container_host.run(["podman", "load", "--quiet", "--input", "/tmp/image.tar"])
        loaded = {line.removeprefix("Loaded image: ") for line in said.text.splitlines()}
        assert loaded == set(names), title
    held = [name for _, names in ARCHIVES.values() for name in names]
    for asked in ("a:1", "e:2", "k:1", "docker.io/r:latest", "docker.io/library/j:1", "b:2", "j:1"):
        found = await container_host.run(["podman", "image", "inspect", asked], check=False)
        assert (found.exit_code == 0) == (not archives.absent([asked], held)), asked


@pytest.mark.sandbox
async def test_podman_refuses_what_is_refused(container_host: ChrootHost) -> None:
    for title, (content, _) in USELESS.items():
        if title in {"no name", "no tags"}:
            continue  # loaded without a name, under which nobody could ask for it
        await container_host.put("/tmp/image.tar", content)
        said = await container_host.run(
            ["podman", "load", "--quiet", "--input", "/tmp/image.tar"], check=False
        )
        assert said.exit_code != 0, title
