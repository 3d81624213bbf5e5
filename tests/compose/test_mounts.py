"""What a service mounts: files of the operator's go with it, and nothing is dropped in silence."""

from pathlib import Path

import pytest

from liferaft.compose.application import Compose, only, read
from liferaft.compose.findings import ComposeInvalid
from liferaft.compose.service import MountKind
from liferaft.compose.volume_name import volume_name


def reading(folder: Path, web: str, more: str = "", shipped: tuple[str, ...] = ()) -> Compose:
    path = folder / "compose.yaml"
    path.write_text(f"services:\n  web:\n    image: a:1\n    {web}\n{more}")
    return read(path, shipped=shipped)


def test_a_file_beside_the_compose_file_goes_to_the_server(tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text("events {}")
    found = reading(tmp_path, "volumes: ['./nginx.conf:/etc/nginx.conf']")
    (mount,) = found.services["web"].volumes
    assert (mount.kind, mount.target, mount.options) == (
        MountKind.SHIPPED,
        "/etc/nginx.conf",
        ("ro",),
    )
    assert found.files[mount.source].content == b"events {}"
    assert tmp_path / "nginx.conf" in found.sources, "a blueprint has it too"
    assert found.volumes == ()


def test_a_folder_that_is_only_read_goes_to_the_server_whole(tmp_path: Path) -> None:
    (tmp_path / "conf.d" / "inner").mkdir(parents=True)
    (tmp_path / "conf.d" / "a.conf").write_text("a")
    (tmp_path / "conf.d" / "inner" / "b.sh").write_text("b")
    (tmp_path / "conf.d" / "inner" / "b.sh").chmod(0o755)
    found = reading(tmp_path, "volumes: ['./conf.d:/etc/conf.d:ro']")
    (mount,) = found.services["web"].volumes
    assert {name: (file.content, file.mode) for name, file in found.files.items()} == {
        f"{mount.source}/a.conf": (b"a", 0o444),
        f"{mount.source}/inner/b.sh": (b"b", 0o555),
    }
    assert only(found, ["web"]).files == found.files
    said = reading(tmp_path, "volumes: ['./conf.d:/etc/conf.d']", shipped=("./conf.d",))
    assert said.files == found.files, "liferaft.toml may say so too"


def test_a_file_with_other_content_is_another_release(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    before = reading(tmp_path, "volumes: ['./a:/a']").services
    (tmp_path / "a").write_text("two")
    assert reading(tmp_path, "volumes: ['./a:/a']").services != before


def test_a_folder_in_which_something_writes_is_a_volume(tmp_path: Path) -> None:
    found = reading(tmp_path, "volumes: ['./data/:/data:z', /scratch]")
    assert [(one.kind, one.source) for one in found.services["web"].volumes] == [
        (MountKind.VOLUME, volume_name("./data")),
        (MountKind.VOLUME, volume_name("web:/scratch")),
    ]
    assert [one.written for one in found.volumes] == ["./data", "web:/scratch"]


def test_secrets_and_configs_are_files_in_the_container(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hush")
    (tmp_path / ".env").write_text("KEY=open sesame\n")
    more = (
        "secrets: {password: {file: ./password}, key: {environment: KEY}}\n"
        "configs: {cfg: {content: 'a=${KEY}'}}\n"
    )
    web = "secrets: [password, {source: key, target: k, mode: 0400}]\n    configs: [cfg]"
    found = reading(tmp_path, web, more)
    told = {one.target: found.files[one.source] for one in found.services["web"].volumes}
    assert {target: (file.content, file.mode) for target, file in told.items()} == {
        "/run/secrets/password": (b"hush", 0o444),
        "/run/secrets/k": (b"open sesame", 0o400),
        "/cfg": (b"a=open sesame", 0o444),
    }
    assert "hush" not in repr(found)
    assert "sesame" not in repr(found)


@pytest.mark.parametrize(
    ("web", "reason"),
    [
        ("volumes: [./big:/big]", "larger than 1024 KiB"),
        ("volumes: ['./empty:/x:ro']", "holds no file"),
        ("secrets: [lost]", "cannot be read"),
        ("secrets: [unset]", "NONE is set nowhere"),
        ("secrets: [{source: lost, uid: '5'}]", "files belong to root"),
    ],
)
def test_a_file_that_could_not_go_is_told(tmp_path: Path, web: str, reason: str) -> None:
    (tmp_path / "big").write_bytes(b"x" * (1024**2 + 1))
    (tmp_path / "empty").mkdir()
    more = "secrets: {lost: {file: ./lost}, unset: {environment: NONE}}\n"
    with pytest.raises(ComposeInvalid) as caught:
        reading(tmp_path, web, more)
    assert reason in str(caught.value)
