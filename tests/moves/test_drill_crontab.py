"""A line of a crontab that plays drills: cron reads it, and its shell runs what is meant."""

import itertools
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cronsim import CronSim
from tests.commands import understand

from liferaft.failures import BadInput
from liferaft.moves import drill_schedule
from liferaft.moves.drill_crontab import DrillCrontab
from liferaft.moves.drill_schedule import DrillSchedule, Often

ODD = ["plain", "with spaces", "100 %", "it's $HOME", 'a "quoted" `one`; $(touch gone) #']


def crontab(folder: Path, often: Often = Often.WEEKLY) -> DrillCrontab:
    of = DrillSchedule("chirp", "north", often, timedelta(hours=2), ("LIFERAFT_IDENTITY_FILE",))
    return DrillCrontab(of, folder / "liferaft", folder / "liferaft.toml")


def line(made: DrillCrontab) -> str:
    """All that is no comment."""
    (text,) = made.files().values()
    (found,) = [one for one in text.splitlines() if not one.startswith("#")]
    return found


def command_of(found: str) -> str:
    """As cron hands it to a shell: behind five fields, without what keeps a `%` from ending it."""
    command = found.split(" ", 5)[5]
    assert "%" not in command.replace(r"\%", ""), "cron would take the rest for input"
    return command.replace(r"\%", "%")


@pytest.mark.parametrize(
    ("often", "least", "most"),
    [(Often.DAILY, 1, 1), (Often.WEEKLY, 7, 7), (Often.MONTHLY, 28, 31)],
)
def test_it_rings_by_night_as_often_as_it_says(
    tmp_path: Path, often: Often, least: int, most: int
) -> None:
    fields = " ".join(line(crontab(tmp_path, often)).split(" ")[:5])
    rings = CronSim(fields, datetime(2026, 1, 1, tzinfo=UTC))
    moments = [next(rings) for _ in range(15)]
    apart = [after - before for before, after in itertools.pairwise(moments)]
    assert {timedelta(days=least), timedelta(days=most)} == {min(apart), max(apart)}
    assert all(1 <= one.hour < 6 for one in moments)


@pytest.mark.parametrize("name", ODD)
def test_the_shell_runs_what_is_meant_whatever_the_folder_is_called(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, programs = tmp_path / name, tmp_path / "bin"
    folder.mkdir()
    programs.mkdir()
    monkeypatch.setattr(drill_schedule, "ENVIRONMENT", f"{tmp_path}/{{app}}.env")
    (tmp_path / "chirp.env").write_text("SECRET='one & two'\n")
    told = tmp_path / "told"
    (folder / "liferaft").write_text(f'#!/bin/sh\nprintf "%s\\n" "$SECRET" "$PWD" "$@" >{told}\n')
    (programs / "sleep").write_text(f'#!/bin/sh\nprintf "%s" "$1" >{tmp_path}/slept\n')
    for program in (folder / "liferaft", programs / "sleep"):
        program.chmod(0o755)
    subprocess.run(
        ["/bin/sh", "-c", command_of(line(crontab(folder)))],
        check=True,
        cwd="/",
        env={"PATH": f"{programs}:/usr/bin:/bin"},
        timeout=60,
    )
    secret, where, *words = told.read_text().splitlines()
    assert (secret, where) == ("one & two", str(folder))
    path, values = understand(words)
    assert path == ("drill", "run")
    assert (values["site"], values["yes"]) == ("north", True)
    assert values["config_path"] == folder / "liferaft.toml"
    assert 0 <= int((tmp_path / "slept").read_text()) < 3600
    assert not (folder / "gone").exists()


def test_one_of_the_data_tries_the_data_alone_in_the_evening(tmp_path: Path) -> None:
    made = crontab(tmp_path)
    found = line(DrillCrontab(made.of.of_data, made.liferaft, made.config))
    assert 18 <= int(found.split(" ")[1]) < 23
    words = command_of(found).rpartition("exec ")[2].split()[1:]
    path, values = understand(words)
    assert path == ("drill", "run")
    assert (values["site"], values["data_only"], values["yes"]) == ("north", True, True)


@pytest.mark.parametrize("name", ["two\nlines", "back\\slash", "long" * 250])
def test_what_cron_would_read_otherwise_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="cannot stand in a crontab"):
        crontab(Path("/srv") / name).files()
