"""What describes the application is gathered, and nothing else that lies beside it."""

from pathlib import Path

import pytest
from tests.loading import load
from tests.models.scene import written

from liferaft.failures import BadInput
from liferaft.recovery import gathering
from liferaft.recovery.gathering import LARGEST_FILE, gather


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A whole application, with its image's archive and an operator's key in the same folder."""
    place = tmp_path / "chirp"
    place.mkdir()
    written(place)
    (place / "__main__.py").write_text("import pulumi\n")
    return place


def test_it_is_enough_to_read_the_configuration_elsewhere(folder: Path, tmp_path: Path) -> None:
    found = gather(load(folder / "liferaft.toml"), ())
    other = tmp_path / "other"
    for path, body in found.files.items():
        (other / path).parent.mkdir(parents=True, exist_ok=True)
        (other / path).write_bytes(body)
    again = load(other / found.configuration)
    assert again.app.compose == other / "compose.yaml"
    assert (again.app.project / "__main__.py").read_text() == "import pulumi\n"


def test_archives_keys_hidden_files_and_what_was_built_are_left_out(folder: Path) -> None:
    for path in (".git/config", ".env", "__pycache__/a.pyc", "venv/pyvenv.cfg", "venv/bin/python"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("x")
    found = gather(load(folder / "liferaft.toml"), ())
    assert set(found.files) == {"__main__.py", "Pulumi.yaml", "compose.yaml", "liferaft.toml"}
    assert [line for line in found.left_out if "identity" in line and "private key" in line]


def test_what_the_compose_file_names_is_taken_with_it(folder: Path) -> None:
    (folder / ".env").write_text("TAG=1.2\n")
    (folder / "web.env").write_text("A=1\n")
    (folder / "nginx.conf").write_text("events {}")
    (folder / "compose.yaml").write_text(
        "services: {web: {image: 'a:${TAG}', env_file: web.env, "
        "volumes: ['./nginx.conf:/etc/nginx.conf']}}"
    )
    found = gather(load(folder / "liferaft.toml"), ())
    assert {".env", "web.env", "nginx.conf"} <= set(found.files)


def test_what_is_too_large_is_left_out_and_named(folder: Path) -> None:
    (folder / "video.bin").write_bytes(bytes(LARGEST_FILE + 1))
    found = gather(load(folder / "liferaft.toml"), ())
    assert "video.bin" not in found.files
    assert any("video.bin" in line and "1024 KiB" in line for line in found.left_out)


def test_of_a_folder_that_is_far_more_than_a_program_some_is_kept_and_the_rest_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        (folder / f"module_{number}.py").write_text("")
    monkeypatch.setattr(gathering, "MOST_FILES", 20)
    found = gather(load(folder / "liferaft.toml"), ())
    assert {"liferaft.toml", "compose.yaml"} <= set(found.files)
    assert len(found.files) == 20
    assert any(line.startswith("THE PROGRAM IS NOT WHOLE") for line in found.left_out)
    monkeypatch.setattr(gathering, "_MOST_LOOKED_AT", 30)
    assert any("more than 30 files" in line for line in gather_again(folder))


def gather_again(folder: Path) -> tuple[str, ...]:
    return gather(load(folder / "liferaft.toml"), ()).left_out


def test_a_link_that_leads_away_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("elsewhere")
    (folder / "link").symlink_to(tmp_path / "secret")
    found = gather(load(folder / "liferaft.toml"), ())
    assert "link" not in found.files
    assert any("leads away" in line for line in found.left_out)


def test_a_program_that_lies_beside_the_configurations_folder_is_kept_in_its_place(
    folder: Path,
) -> None:
    (folder / "deploy").mkdir()
    toml = (folder / "liferaft.toml").read_text()
    named = 'name = "chirp"\nproject = "../program"\ncompose = "../compose.yaml"'
    (folder / "deploy/liferaft.toml").write_text(toml.replace('name = "chirp"', named, 1))
    (folder / "program").mkdir()
    (folder / "program/Pulumi.yaml").write_text("name: chirp\nruntime: python\n")
    found = gather(load(folder / "deploy/liferaft.toml"), ())
    assert found.configuration == "deploy/liferaft.toml"
    assert {"compose.yaml", "program/Pulumi.yaml"} <= set(found.files)


def test_an_authority_is_kept_with_the_variable_that_names_it(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "root.crt").write_text("an authority")
    named = (("env/MY_CA", tmp_path / "root.crt"), ("/etc/other.pem", tmp_path / "root.crt"))
    found = gather(load(folder / "liferaft.toml"), named)
    assert found.variables == {"MY_CA": "authorities/MY_CA.pem"}
    assert found.files["authorities/MY_CA.pem"] == b"an authority"
    assert any("put it back where it was" in line for line in found.left_out)


def test_what_the_configuration_names_is_kept_with_whatever_it_holds(folder: Path) -> None:
    with (folder / "compose.yaml").open("a") as file:
        file.write("# -----BEGIN PRIVATE KEY-----\n")
    found = gather(load(folder / "liferaft.toml"), ())
    assert b"PRIVATE KEY" in found.files["compose.yaml"]


def test_a_file_that_is_gone_since_the_configuration_was_read_is_told(folder: Path) -> None:
    config = load(folder / "liferaft.toml")
    (folder / "compose.yaml").unlink()
    with pytest.raises(BadInput, match=r"compose\.yaml cannot be read"):
        gather(config, ())
