"""A volume that is to be kept and that no service mounts is told before anything runs."""

import pytest

from liferaft.compose import application
from liferaft.compose.volumes import undeclared
from liferaft.config import Config, ConfigInvalid
from liferaft.data.volume.mounted import require_mounted
from liferaft.data.volume.places import volume_of


def compose(config: Config, web: str, worker: str = "") -> None:
    config.app.compose.write_text(
        'services:\n  web: {image: "chirp:1", ports: ["8080:80"], volumes: ['
        + web
        + ']}\n  worker: {image: "chirp:1", volumes: ['
        + worker
        + "]}\nvolumes: {files: {}, cache: {}}\n"
    )


def test_a_volume_that_a_service_mounts_is_well(with_files: Config) -> None:
    compose(with_files, '"files:/srv/files"')
    require_mounted(with_files)


def test_one_that_none_mounts_is_told_with_its_line_and_those_that_there_are(
    with_files: Config,
) -> None:
    compose(with_files, '"cache:/srv/cache"')
    with pytest.raises(ConfigInvalid) as invalid:
        require_mounted(with_files)
    (problem,) = invalid.value.problems
    assert with_files.file is not None
    line = with_files.file.read_text().splitlines()[problem.line - 1]
    assert line == 'volume = "files"'
    assert (problem.key, problem.valid) == ("data.files.volume", "cache")
    assert "no service of compose.yaml mounts a volume files" in problem.reason


def test_a_service_that_does_not_mount_it_is_told(with_files: Config) -> None:
    compose(with_files, "", '"files:/srv/files"')
    told = with_files.data["files"].model_copy(update={"service": "web"})
    config = with_files.model_copy(update={"data": {**with_files.data, "files": told}})
    with pytest.raises(ConfigInvalid, match=r"web does not mount volume files \(valid: worker\)"):
        require_mounted(config)


def test_a_folder_of_the_compose_file_is_a_volume_too(with_files: Config) -> None:
    compose(with_files, '"./up loads:/srv/files"')
    told = with_files.data["files"].model_copy(update={"volume": "./up loads"})
    config = with_files.model_copy(update={"data": {**with_files.data, "files": told}})
    require_mounted(config)
    called = volume_of(config, "files").called
    mounts = application.described(config).services["web"].volumes
    assert [f"app_{one.source}" for one in mounts] == [called], "as podman calls it there"


def test_what_a_data_set_keeps_need_not_be_ephemeral(with_files: Config) -> None:
    compose(with_files, '"files:/srv/files", "cache:/cache"')
    volumes = application.described(with_files).volumes
    kept = [one for data in with_files.data.values() for one in data.volumes_kept]
    (found,) = undeclared(volumes, kept)
    assert "'cache' is neither data nor ephemeral" in found.problem.reason
    assert 'volume = "cache"' in found.problem.valid


def test_a_folder_that_is_written_in_two_ways_is_told(with_files: Config) -> None:
    compose(with_files, '"./files:/srv/files"', '".//files:/x"')
    told = with_files.data["files"].model_copy(update={"volume": "./files"})
    config = with_files.model_copy(update={"data": {**with_files.data, "files": told}})
    with pytest.raises(ConfigInvalid, match=r"\.//files of compose.yaml is the same volume"):
        require_mounted(config)


def test_a_folder_beside_a_volume_of_its_name_is_another_one(with_files: Config) -> None:
    compose(with_files, '"files:/srv/files", "./files:/x"')
    require_mounted(with_files)
