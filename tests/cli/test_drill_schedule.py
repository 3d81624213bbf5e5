"""`drill schedule` writes what plays drills, with the names of all that it needs and no value."""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from liferaft_cli import exits

Liferaft = Callable[..., Any]
TOLD = """
[notify]
urls = ["env/CHAT"]

[drill]
every = {north = "7d"}
ping = "env/SWITCH"
"""


@pytest.fixture
def told(folder: Path) -> None:
    with (folder / "liferaft.toml").open("a") as file:
        file.write(TOLD)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("form", "suffixes"),
    [("systemd", {".service", ".timer"}), ("crontab", {".crontab"}), ("github", {".yml"})],
)
def test_each_form_is_written_with_the_names_that_it_needs_and_no_value(
    liferaft: Liferaft,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    suffixes: set[str],
) -> None:
    monkeypatch.setenv("HCLOUD_TOKEN", "5ecret")
    monkeypatch.setenv("LIFERAFT_READING_VAULT_MAIN_ACCESS_KEY_ID", "5ecret")
    ran = liferaft("drill", "schedule", "weekly", "--on", "north", "--as", form, "--to", "out")
    assert ran.code == 0
    files = sorted((folder / "out").iterdir())
    assert {path.suffix for path in files} == suffixes
    assert ran.out.split() == [f"out/{path.name}" for path in files]
    text = "".join(path.read_text() for path in files)
    assert "5ecret" not in text
    for name in (
        *("CHAT", "SWITCH", "HCLOUD_TOKEN", "LIFERAFT_IDENTITY_FILE", "POWERDNS_API_KEY"),
        *("LIFERAFT_BUCKET_NORTH_ACCESS_KEY_ID", "LIFERAFT_READING_VAULT_MAIN_ACCESS_KEY_ID"),
    ):
        assert f"# {name}" in text
    assert "LIFERAFT_BUCKET_EAST" not in text, "the site that reigns is not asked"


@pytest.mark.usefixtures("told")
def test_a_workflow_installs_what_is_installed_here_and_names_the_file_in_its_repository(
    liferaft: Liferaft, folder: Path
) -> None:
    (folder / ".git").mkdir()
    deeper = folder / "deploy it"
    deeper.mkdir()
    for name in ("liferaft.toml", "compose.yaml", "chirp.oci.tar", "Pulumi.yaml"):
        (folder / name).rename(deeper / name)
    config = ("--config", "deploy it/liferaft.toml")
    ran = liferaft("drill", "schedule", "daily", "--on", "north", "--as", "github", *config)
    assert ran.code == 0, ran.err
    assert f"liferaft=={version('liferaft')} " in ran.out
    assert f"octodns-powerdns=={version('octodns-powerdns')}" in ran.out
    assert "--config ''deploy it/liferaft.toml''" in ran.out
    assert "# LIFERAFT_IDENTITY_FILE: what stands in the file" in ran.out


@pytest.mark.usefixtures("told")
def test_what_is_asked_for_more_often_than_it_plays_is_said(liferaft: Liferaft) -> None:
    weekly = liferaft("drill", "schedule", "weekly", "--on", "north")
    assert "[drill]" not in weekly.err
    monthly = liferaft("drill", "schedule", "monthly", "--on", "north")
    assert "asks for a drill of north every 168 h, and this plays one every 744 h" in monthly.err
    other = liferaft("drill", "schedule", "weekly", "--on", "east")
    assert "asks for no drill of east" in other.err


@pytest.mark.parametrize("form", ["systemd", "crontab", "github"])
def test_those_of_the_data_are_written_beside_whole_ones(
    liferaft: Liferaft, folder: Path, form: str
) -> None:
    asked = ("--on", "north", "--as", form, "--to", "out")
    whole = liferaft("drill", "schedule", "weekly", *asked)
    data = liferaft("drill", "schedule", "daily", "--data", *asked)
    assert (whole.code, data.code) == (0, 0)
    written = {*whole.out.split(), *data.out.split()}
    assert len(written) == len(whole.out.split()) * 2, "none is written over"
    assert sorted(written) == sorted(f"out/{one.name}" for one in (folder / "out").iterdir())
    assert "asks for no drill of the data at north" in data.err
    assert 'data_every = {north = "1d"}' in data.err


def test_a_site_that_there_is_not_is_refused(liferaft: Liferaft) -> None:
    ran = liferaft("drill", "schedule", "weekly", "--on", "south", "--as", "crontab")
    assert ran.code == exits.BAD_INPUT
    assert ran.out == ""


def test_a_folder_that_takes_nothing_is_told(liferaft: Liferaft, folder: Path) -> None:
    (folder / "file").touch()
    ran = liferaft("drill", "schedule", "weekly", "--on", "north", "--to", "file")
    assert ran.code == exits.BAD_INPUT
    assert "cannot be written" in ran.err
