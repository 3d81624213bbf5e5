"""What liferaft.toml may say of a volume, and what is told at once where it cannot be."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from tests.config.conftest import VALID
from tests.loading import load

from liferaft.config import ConfigInvalid
from liferaft.data.volume.config import VolumeConfig

ONE_SERVER = VALID.replace("count = 2\n", "")
FILES = '[data.files]\nkind = "volume"\nvolume = "files"\n'


@pytest.fixture
def problems(tmp_path: Path) -> Callable[[str], list[str]]:
    (tmp_path / "compose.yaml").write_text("services: {}\n")

    def find(text: str) -> list[str]:
        path = tmp_path / "liferaft.toml"
        path.write_text(text)
        try:
            load(path)
        except ConfigInvalid as invalid:
            return [str(one) for one in invalid.problems]
        return []

    return find


def told(**more: object) -> VolumeConfig:
    return VolumeConfig.model_validate({"kind": "volume", "volume": "files", **more})


def line_of(text: str, row: str) -> int:
    return text.splitlines().index(row) + 1


def test_a_name_is_enough_and_its_interval_is_chosen_by_how_large_it_is() -> None:
    assert (told().interval, told().exclude, told().before) == (None, (), None)


@pytest.mark.parametrize(
    ("text", "seconds"), [("10s", 10), ("5m", 300), ("6h", 21_600), ("1d", 86_400)]
)
def test_an_interval_is_said_as_elsewhere(text: str, seconds: int) -> None:
    assert told(interval=text).interval == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["9s", "2d", "60", 60, "1w", ""])
def test_what_is_no_interval_from_ten_seconds_to_a_day_is_refused(text: object) -> None:
    with pytest.raises(ValidationError, match="from 10 seconds to a day"):
        told(interval=text)


@pytest.mark.parametrize("text", ["!keep", "$HOME", "../other", "a/../../b"])
def test_a_pattern_that_restic_reads_otherwise_or_that_leads_out_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="no pattern"):
        told(exclude=[text])


def test_a_volume_of_a_service_on_one_server_is_accepted(
    problems: Callable[[str], list[str]],
) -> None:
    assert problems(ONE_SERVER + FILES) == []


def test_two_data_sets_on_one_volume_are_told_with_their_line(
    problems: Callable[[str], list[str]],
) -> None:
    text = ONE_SERVER + FILES + FILES.replace("data.files", "data.again")
    row = len(text.splitlines())
    (problem,) = problems(text)
    assert problem.startswith(f"line {row}: data.again.volume: files keeps volume files already")
    (alike,) = problems(text.replace('"files"\n', '"./files"\n'))
    assert "files keeps volume ./files already" in alike
    again = FILES.replace("data.files", "data.again").replace('"files"\n', '"./files"\n')
    assert problems(ONE_SERVER + FILES + again) == [], "a folder is no volume of its name"
    folder = FILES.replace('"files"\n', '".//files"\n')
    (alike,) = problems(ONE_SERVER + folder + again)
    assert "files keeps volume .//files already" in alike


def test_a_volume_that_is_ephemeral_besides_is_told_with_its_line(
    problems: Callable[[str], list[str]],
) -> None:
    text = ONE_SERVER + FILES + '[volumes]\nephemeral = ["files"]\n'
    (problem,) = problems(text)
    row = line_of(text, 'volume = "files"')
    assert problem.startswith(f"line {row}: data.files.volume: files is ephemeral")


@pytest.mark.parametrize("volume", ["./uploads", "../up loads", "media_1.x"])
def test_a_volume_is_called_as_in_the_compose_file(volume: str) -> None:
    assert told(volume=volume).volumes_kept == (volume,)


@pytest.mark.parametrize("volume", ["/srv/files", "./uploads/", "web:/x", "./a:b", ""])
def test_what_podman_keeps_under_no_such_name_is_refused(volume: str) -> None:
    with pytest.raises(ValidationError):
        told(volume=volume)


def test_a_volume_that_two_servers_would_have_is_told_at_their_count(
    problems: Callable[[str], list[str]],
) -> None:
    (problem,) = problems(VALID + FILES)
    assert problem.startswith(f"line {line_of(VALID, 'count = 2')}: servers.app.count: ")
    assert "a volume files of its own" in problem


def test_which_server_has_it_is_asked_for_where_several_run_services(
    problems: Callable[[str], list[str]],
) -> None:
    jobs = '[servers.jobs]\ncpus = 1\nmemory = "1GiB"\nruns = ["jobs"]\n'
    (problem,) = problems(ONE_SERVER + jobs + FILES)
    assert "app and jobs run services" in problem
    assert problems(f'{ONE_SERVER}{jobs}{FILES}service = "jobs"\n') == []


def test_a_service_that_no_server_runs_is_told_with_those_that_are(
    problems: Callable[[str], list[str]],
) -> None:
    (problem,) = problems(f'{ONE_SERVER}{FILES}service = "wbe"\n')
    assert "no server group runs 'wbe' (valid: one of web, worker)" in problem


def test_commands_need_a_service_in_whose_container_they_run(
    problems: Callable[[str], list[str]],
) -> None:
    (problem,) = problems(f'{ONE_SERVER}{FILES}before = "dump.sh"\n')
    assert "data.files.before: in the container of which service" in problem
    assert problems(f'{ONE_SERVER}{FILES}before = "dump.sh"\nservice = "web"\n') == []
